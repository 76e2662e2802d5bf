package ai.consilium.cli.provision;

import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;

/**
 * The least that each role of a run needs: the topics that the catalogue says it writes and reads, and its own groups and
 * transactional ids. Every role may look at the run's topics and make those that are missing, because whichever comes first does.
 */
public final class RoleAcls {
    /** Whoever inspects a run: status, steps, trace, export, rescore. */
    public static final String OBSERVER = "observer";

    /** A process that scores by itself: a scorer of type kafka. */
    public static final String SCORER = "scorer";

    /** Whoever writes what could not be used to its topic again. */
    public static final String REDRIVE = "redrive";

    /** Whoever revises a run while it goes on: its scorers, or what it is told to do. */
    public static final String PROMOTE = "promote";

    private final String runId;

    /** @param runId prefix of everything that is the run's */
    public RoleAcls(String runId) {
        this.runId = runId;
    }

    /** Of all roles, and of {@link #OBSERVER}, {@link #SCORER}, {@link #REDRIVE} and {@link #PROMOTE}, by name. */
    public Map<String, List<AclRule>> all() {
        Map<String, List<AclRule>> all = new LinkedHashMap<>();
        for (Role role : Role.values()) {
            all.put(role.label(), of(role));
        }
        all.put(OBSERVER, observer());
        all.put(SCORER, scorer());
        all.put(REDRIVE, redrive());
        all.put(PROMOTE, promote());
        return all;
    }

    private List<AclRule> of(Role role) {
        List<AclRule> rules = new ArrayList<>();
        for (Topics topic : Topics.values()) {
            List<AclOperation> operations = new ArrayList<>(List.of(DESCRIBE, DESCRIBE_CONFIGS, CREATE));
            if (topic.readers().contains(role.label())) {
                operations.add(READ);
            }
            if (topic.writers().contains(role.label())) {
                operations.add(WRITE);
            }
            if (role == Role.SCHEDULER && topic.partitioning() == Topics.Partitions.BY_POLICY) {
                // Partitions of specialties that are added while the run goes on.
                operations.add(ALTER);
            }
            rules.add(new AclRule(TOPIC, topic.name(runId), false, operations));
        }
        // Whose transaction is open is asked at every start.
        rules.add(AclRule.ofAll(TRANSACTIONAL_ID, named(""), DESCRIBE));
        switch (role) {
            // Where the share group begins is a setting of the group, which its members make.
            case ROLLOUT ->
                rules.add(AclRule.of(GROUP, named(role.label()), READ, DESCRIBE, ALTER_CONFIGS, DESCRIBE_CONFIGS));
            case REWARD -> rules.add(AclRule.of(GROUP, named(role.label()), READ, DESCRIBE));
            case ADVANTAGE -> {
                rules.add(AclRule.of(GROUP, named(role.label()), READ, DESCRIBE));
                // How far rewards have come decides whether a deadline may close a group.
                rules.add(AclRule.of(GROUP, named(Role.REWARD.label()), DESCRIBE));
                rules.add(AclRule.ofAll(GROUP, named(SCORER + "-"), DESCRIBE));
                // Changelogs of the stream's own state.
                rules.add(AclRule.ofAll(
                        TOPIC, named(role.label() + "-"), READ, WRITE, CREATE, DELETE, DESCRIBE, DESCRIBE_CONFIGS));
                rules.add(AclRule.ofAll(TRANSACTIONAL_ID, named(role.label()), WRITE, DESCRIBE));
            }
            case LEARNER -> {
                // Leases of policies.
                rules.add(AclRule.of(GROUP, named(role.label()), READ, DESCRIBE));
                rules.add(AclRule.ofAll(TRANSACTIONAL_ID, named(role.label() + "-"), WRITE, DESCRIBE));
            }
            case MERGER, SCHEDULER -> rules.add(AclRule.of(TRANSACTIONAL_ID, named(role.label()), WRITE, DESCRIBE));
            case MONITOR -> {
                // It has neither a group nor transactions.
            }
        }
        return rules;
    }

    private List<AclRule> observer() {
        List<AclRule> rules = new ArrayList<>();
        for (Topics topic : Topics.values()) {
            rules.add(AclRule.of(TOPIC, topic.name(runId), READ, DESCRIBE, DESCRIBE_CONFIGS));
        }
        return rules;
    }

    private List<AclRule> scorer() {
        return List.of(
                AclRule.of(TOPIC, Topics.TRAJECTORIES.name(runId), READ, DESCRIBE),
                AclRule.of(TOPIC, Topics.SCORES.name(runId), WRITE, DESCRIBE),
                AclRule.ofAll(GROUP, named(SCORER + "-"), READ, DESCRIBE));
    }

    private List<AclRule> redrive() {
        List<AclRule> rules = new ArrayList<>();
        for (Topics topic : Topics.values()) {
            rules.add(AclRule.of(TOPIC, topic.name(runId), READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS));
        }
        rules.add(AclRule.of(TRANSACTIONAL_ID, named(REDRIVE), WRITE, DESCRIBE));
        return rules;
    }

    private List<AclRule> promote() {
        List<AclRule> rules = new ArrayList<>(observer());
        for (Topics changed : List.of(Topics.SCORING_CONFIGS, Topics.RUN_MANIFESTS)) {
            rules.add(AclRule.of(TOPIC, changed.name(runId), WRITE));
        }
        return rules;
    }

    private String named(String name) {
        return runId + "-" + name;
    }
}
