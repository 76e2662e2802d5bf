package ai.consilium.schemas;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Which partition of the topics that are partitioned by policy each policy has: its index. An explicit table, so that each
 * learner has a total order. It only grows at its end, so that no policy ever changes its partition: {@link Topics#UNIFIED}
 * comes after the specialties that a run begins with, and stays there when another is appended.
 *
 * @param policies names in partition order
 */
public record PolicyTable(List<String> policies) {

    /** @throws IllegalArgumentException when a name is given twice, or the unified agent has no partition */
    public PolicyTable {
        policies = List.copyOf(policies);
        if (new HashSet<>(policies).size() != policies.size() || !policies.contains(Topics.UNIFIED)) {
            throw new IllegalArgumentException(
                    "policies must each be named once, " + Topics.UNIFIED + " among them, not " + policies);
        }
    }

    /** As a run begins: a policy for each specialty in configuration order, then the unified agent. */
    public static PolicyTable of(List<String> specialties) {
        List<String> policies = new ArrayList<>(specialties);
        policies.add(Topics.UNIFIED);
        return new PolicyTable(policies);
    }

    /** The policy that samples a group and is trained on it. */
    public static String policyOf(Prompt prompt) {
        return named(prompt.getPolicy(), prompt.getSpecialty());
    }

    /** The policy that sampled a trajectory. */
    public static String policyOf(Trajectory trajectory) {
        return named(trajectory.getPolicy(), trajectory.getSpecialty());
    }

    /** The policy that is trained on a group. */
    public static String policyOf(TrainingGroup group) {
        return named(group.getPolicy(), group.getSpecialty());
    }

    private static String named(String policy, String specialty) {
        return policy.isEmpty() ? specialty : policy;
    }

    /** The table with one more policy, behind all others. */
    public PolicyTable append(String policy) {
        List<String> longer = new ArrayList<>(policies);
        longer.add(policy);
        return new PolicyTable(longer);
    }

    /**
     * Partition of a policy.
     *
     * @throws IllegalArgumentException for a policy that the run does not have
     */
    public int partition(String policy) {
        int partition = policies.indexOf(policy);
        if (partition < 0) {
            throw new IllegalArgumentException("policy '" + policy + "' is not one of " + policies);
        }
        return partition;
    }

    /** How many partitions there are. */
    public int size() {
        return policies.size();
    }

    /** Every policy but the unified agent, in partition order. */
    public List<String> specialties() {
        return policies.stream()
                .filter(policy -> !policy.equals(Topics.UNIFIED))
                .toList();
    }

    /** Whether this is another table, or that table with more at its end. */
    public boolean continues(PolicyTable earlier) {
        return policies.size() >= earlier.size()
                && policies.subList(0, earlier.size()).equals(earlier.policies);
    }
}
