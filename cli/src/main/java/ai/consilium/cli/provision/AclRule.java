package ai.consilium.cli.provision;

import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Something on the cluster and what may be done with it.
 *
 * @param type topic, group or transactional id
 * @param name of it, or the beginning of its name
 * @param prefixed whether it is the beginning
 * @param operations in Kafka's terms
 */
public record AclRule(ResourceType type, String name, boolean prefixed, List<AclOperation> operations) {
    /** Copies the operations. */
    public AclRule {
        operations = List.copyOf(operations);
    }

    static AclRule of(ResourceType type, String name, AclOperation... operations) {
        return new AclRule(type, name, false, List.of(operations));
    }

    static AclRule ofAll(ResourceType type, String prefix, AclOperation... operations) {
        return new AclRule(type, prefix, true, List.of(operations));
    }

    /** For Kafka's admin client. @param principal such as {@code User:learner} */
    public Stream<AclBinding> bindings(String principal) {
        ResourcePattern pattern =
                new ResourcePattern(type, name, prefixed ? PatternType.PREFIXED : PatternType.LITERAL);
        return operations.stream()
                .map(operation -> new AclBinding(
                        pattern, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)));
    }
}
