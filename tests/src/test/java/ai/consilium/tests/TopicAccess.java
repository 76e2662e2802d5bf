package ai.consilium.tests;

import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.authorizer.AclCreateResult;
import org.apache.kafka.server.authorizer.AclDeleteResult;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;

/**
 * A broker's authorizer that allows everything and remembers who fetched from and produced to which topic. The broker asks
 * it before every request, so nothing that a role does with a topic can escape it. The broker makes it by its name; what
 * it saw is static.
 */
public final class TopicAccess implements Authorizer {
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
        return actions.stream().map(action -> AuthorizationResult.ALLOWED).toList();
    }

    /** Other requests ask about topics too: for offsets, metadata and transactions. */
    private static boolean carriesRecords(int request) {
        return request == ApiKeys.FETCH.id || request == ApiKeys.SHARE_FETCH.id || request == ApiKeys.PRODUCE.id;
    }

    @Override
    public AuthorizationResult authorizeByResourceType(
            AuthorizableRequestContext request, AclOperation operation, ResourceType type) {
        return AuthorizationResult.ALLOWED;
    }

    @Override
    public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo server) {
        return server.endpoints().stream()
                .collect(Collectors.toMap(endpoint -> endpoint, endpoint -> CompletableFuture.completedFuture(null)));
    }

    @Override
    public List<? extends CompletionStage<AclCreateResult>> createAcls(
            AuthorizableRequestContext request, List<AclBinding> bindings) {
        throw new UnsupportedOperationException("everything is allowed");
    }

    @Override
    public List<? extends CompletionStage<AclDeleteResult>> deleteAcls(
            AuthorizableRequestContext request, List<AclBindingFilter> filters) {
        throw new UnsupportedOperationException("everything is allowed");
    }

    @Override
    public Iterable<AclBinding> acls(AclBindingFilter filter) {
        return List.of();
    }

    @Override
    public void configure(Map<String, ?> configs) {}

    @Override
    public void close() {}
}
