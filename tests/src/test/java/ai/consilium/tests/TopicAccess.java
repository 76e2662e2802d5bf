package ai.consilium.tests;

import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/**
 * Kafka's own authorizer, which remembers who fetched from and produced to which topic. The broker asks it before every request,
 * so nothing that a role does with a topic can escape it. The broker makes it by its name; what it saw is static.
 */
public final class TopicAccess extends StandardAuthorizer {
    private static final Set<Seen> SEEN = ConcurrentHashMap.newKeySet();

    private record Seen(String user, AclOperation operation, String topic) {}

    /** Forgets everything. */
    static void reset() {
        SEEN.clear();
    }

    /** Users that produced to a topic, in alphabetical order. */
    static Set<String> writers(Topics topic, String prefix) {
        return users(AclOperation.WRITE, topic.name(prefix));
    }

    /** Users that fetched from a topic, in alphabetical order. */
    static Set<String> readers(Topics topic, String prefix) {
        return users(AclOperation.READ, topic.name(prefix));
    }

    private static Set<String> users(AclOperation operation, String topic) {
        Predicate<Seen> asked =
                seen -> seen.operation() == operation && seen.topic().equals(topic);
        return SEEN.stream().filter(asked).map(Seen::user).collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public List<AuthorizationResult> authorize(AuthorizableRequestContext request, List<Action> actions) {
        if (carriesRecords(request.requestType())) {
            for (Action action : actions) {
                if (action.resourcePattern().resourceType() == ResourceType.TOPIC) {
                    SEEN.add(new Seen(
                            request.principal().getName(),
                            action.operation(),
                            action.resourcePattern().name()));
                }
            }
        }
        return super.authorize(request, actions);
    }

    /** Other requests ask about topics too: for offsets, metadata and transactions. */
    private static boolean carriesRecords(int request) {
        return request == ApiKeys.FETCH.id || request == ApiKeys.SHARE_FETCH.id || request == ApiKeys.PRODUCE.id;
    }
}
