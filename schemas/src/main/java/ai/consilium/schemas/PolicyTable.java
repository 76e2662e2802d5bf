package ai.consilium.schemas;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which partition of the topics that are partitioned by policy each policy has: its index; and since when it is trained. An explicit
 * table, so that each learner has a total order. It only grows at its end, so that no policy ever changes its partition:
 * {@link Topics#UNIFIED} comes after the specialties that a run begins with, and stays there when another is appended.
 *
 * @param policies names in partition order
 * @param rounds the round, from 0, that each is trained from on
 */
public record PolicyTable(List<String> policies, List<Integer> rounds) {

    /** Of policies that are all trained from the first round on. */
    public PolicyTable(List<String> policies) {
        this(policies, List.of());
    }

    /** @throws IllegalArgumentException when a name is given twice, or the unified agent has no partition */
    public PolicyTable {
        policies = List.copyOf(policies);
        rounds = Stream.concat(
                        rounds.stream(), Collections.nCopies(Math.max(0, policies.size() - rounds.size()), 0).stream())
                .toList();
        if (new HashSet<>(policies).size() != policies.size() || !policies.contains(Topics.UNIFIED)) {
            throw new IllegalArgumentException(
                    "policies must each be named once, " + Topics.UNIFIED + " among them, not " + policies);
        }
    }

    /** Of a run's manifest. @throws IllegalArgumentException when it is none */
    public static PolicyTable of(RunManifest manifest) {
        return new PolicyTable(manifest.getPolicies(), manifest.getPolicyRounds());
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

    /** The table with one more policy, behind all others. @param round that it is trained from on */
    public PolicyTable append(String policy, int round) {
        List<String> longer = new ArrayList<>(policies);
        longer.add(policy);
        List<Integer> since = new ArrayList<>(rounds);
        since.add(round);
        return new PolicyTable(longer, since);
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

    /** Those that are trained in a round, in partition order. */
    public List<String> specialties(int round) {
        return specialties().stream()
                .filter(specialty -> since(specialty) <= round)
                .toList();
    }

    /** The round that a policy is trained from on. */
    public int since(String policy) {
        return rounds.get(partition(policy));
    }

    /** The table that the run began with. */
    public PolicyTable first() {
        return new PolicyTable(IntStream.range(0, size())
                .filter(partition -> rounds.get(partition) == 0)
                .mapToObj(policies::get)
                .toList());
    }

    /** Whether this is another table, or that table with more at its end. */
    public boolean continues(PolicyTable earlier) {
        return policies.size() >= earlier.size()
                && policies.subList(0, earlier.size()).equals(earlier.policies)
                && rounds.subList(0, earlier.size()).equals(earlier.rounds);
    }
}
