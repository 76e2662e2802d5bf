package ai.consilium.cli.provision;

import ai.consilium.cli.directory.ShellWord;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/** Rules as text that a cluster is configured by. Pure. */
public final class AclFormats {
    private AclFormats() {}

    /** A line for each rule. */
    public static String table(Map<String, List<AclRule>> byRole) {
        StringBuilder text = new StringBuilder();
        byRole.forEach((role, rules) -> rules.forEach(rule -> text.append("%-10s %-16s %-40s %s%n"
                .formatted(
                        role,
                        word(rule.type()),
                        rule.name() + (rule.prefixed() ? "*" : ""),
                        rule.operations().stream().map(AclFormats::word).collect(Collectors.joining(", "))))));
        return text.toString();
    }

    /**
     * Commands of Kafka's own tool.
     *
     * @param principals by role, such as {@code User:learner}
     */
    public static String shell(Map<String, List<AclRule>> byRole, Map<String, String> principals, String bootstrap) {
        StringBuilder text = new StringBuilder("#!/bin/sh\nset -eu\n");
        byRole.forEach((role, rules) -> {
            text.append("# ").append(role).append('\n');
            for (AclRule rule : rules) {
                text.append("kafka-acls.sh --bootstrap-server ")
                        .append(ShellWord.of(bootstrap))
                        .append(" --add --allow-principal ")
                        .append(ShellWord.of(principals.getOrDefault(role, role)));
                rule.operations()
                        .forEach(operation -> text.append(" --operation ").append(camel(operation)));
                text.append(" --")
                        .append(word(rule.type()).replace('_', '-'))
                        .append(' ')
                        .append(ShellWord.of(rule.name()))
                        .append(rule.prefixed() ? " --resource-pattern-type prefixed" : "")
                        .append('\n');
            }
        });
        return text.toString();
    }

    /**
     * A KafkaUser of Strimzi for each role; the operator makes its credentials. Its name is in lower case, as Kubernetes asks.
     *
     * @param cluster that they are users of
     * @param runId names begin with
     */
    public static String strimzi(Map<String, List<AclRule>> byRole, String cluster, String runId) {
        StringBuilder text = new StringBuilder();
        byRole.forEach((role, rules) -> {
            text.append("""
                    ---
                    apiVersion: kafka.strimzi.io/v1
                    kind: KafkaUser
                    metadata:
                      name: %s-%s
                      labels:
                        strimzi.io/cluster: %s
                    spec:
                      authentication:
                        type: scram-sha-512
                      authorization:
                        type: simple
                        acls:
                    """.formatted(runId.toLowerCase(Locale.ROOT), role, cluster));
            for (AclRule rule : rules) {
                text.append("""
                              - resource:
                                  type: %s
                                  name: "%s"
                                  patternType: %s
                                operations: [%s]
                        """.formatted(
                        camelLower(rule.type()),
                        rule.name(),
                        rule.prefixed() ? "prefix" : "literal",
                        rule.operations().stream().map(AclFormats::camel).collect(Collectors.joining(", "))));
            }
        });
        return text.toString();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** {@code DescribeConfigs}. */
    private static String camel(AclOperation operation) {
        return List.of(operation.name().split("_")).stream()
                .map(part -> part.charAt(0) + part.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    /** {@code transactionalId}. */
    private static String camelLower(ResourceType type) {
        return type == ResourceType.TRANSACTIONAL_ID ? "transactionalId" : word(type);
    }
}
