package ai.consilium.rollout.scheduler;

import static ai.consilium.platform.config.Require.require;
import static ai.consilium.platform.config.Require.requireAtLeast;

import ai.consilium.platform.config.Inline;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.rollout.groups.RecordBudget;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is sampled, and how far sampling may run ahead of training.
 *
 * @param groupSize G, samples per group
 * @param plan how far the run trains, in which batches, and how far sampling may run ahead
 * @param staleness what is done so that nothing older is trained
 * @param maxUntrainedBatches the run stops when so many times as many groups as may be under way end in a row without training; 0:
 *     never
 * @param curriculum {@code none}: cases in turn; {@code pass_rate}: a case whose last group taught nothing sits out a while
 * @param answerBalance how far the right answers of a specialty are drawn equally often, in [0, 1]; 0: as often as they are
 * @param perspectives under which cases are asked
 * @param perspectivesPerGroup how many of them share a group, as strata in sample order of at least two samples each; 0: all. With
 *     fewer, groups take them in turn: more answers to the same prompt are compared with each other
 * @param sampling how a completion is sampled
 * @param deadline after which a group closes incomplete
 */
public record SchedulerConfig(
        int groupSize,
        @Inline TrainingPlan plan,
        Staleness staleness,
        int maxUntrainedBatches,
        String curriculum,
        double answerBalance,
        List<String> perspectives,
        int perspectivesPerGroup,
        Sampling sampling,
        Duration deadline) {
    private static final String PASS_RATE = "pass_rate";

    /**
     * How a completion is sampled.
     *
     * @param temperature above 0: a greedy group would hold one completion many times
     * @param maxCompletionTokens longest completion
     */
    public record Sampling(double temperature, int maxCompletionTokens) {
        /** Checks the values. */
        public Sampling {
            require(
                    temperature > 0 && temperature <= 10,
                    "temperature must be above 0 and at most 10, not " + temperature);
            requireAtLeast("max_completion_tokens", 1, maxCompletionTokens);
        }
    }

    /**
     * What is done so that nothing is trained that is older than η.
     *
     * @param strategy {@code wait}: prompts are paced, so that nothing grows too old; {@code drop}: sampling is kept busy, and what
     *     is too old when the learner takes it ends as stale
     * @param oversampling with {@code drop}: open groups of a specialty, as a multiple of what waiting would allow
     * @param lead with {@code wait}: how far ahead of training prompts are opened, as a share of η in [0, 1]
     */
    public record Staleness(String strategy, double oversampling, double lead) {
        private static final String DROP = "drop";

        /** Checks the values. */
        public Staleness {
            require(List.of("wait", DROP).contains(strategy), "strategy must be wait or drop, not '" + strategy + "'");
            require(
                    oversampling >= 1 && oversampling <= 100,
                    "oversampling must be between 1 and 100, not " + oversampling);
            require(lead >= 0 && lead <= 1, "lead must be in [0, 1], not " + lead);
        }

        boolean drops() {
            return strategy.equals(DROP);
        }
    }

    /** Checks the values, each alone and together: a group must fit into a record. */
    public SchedulerConfig {
        perspectives = List.copyOf(perspectives);
        require(
                List.of("none", PASS_RATE).contains(curriculum),
                "curriculum must be none or " + PASS_RATE + ", not '" + curriculum + "'");
        require(answerBalance >= 0 && answerBalance <= 1, "answer_balance must be in [0, 1], not " + answerBalance);
        requireAtLeast("max_untrained_batches", 0, maxUntrainedBatches);
        require(!perspectives.isEmpty(), "perspectives must name at least one");
        require(
                new HashSet<>(perspectives).size() == perspectives.size(),
                "perspectives contains duplicates: " + perspectives);
        require(
                perspectivesPerGroup >= 0 && perspectivesPerGroup <= perspectives.size(),
                "perspectives_per_group must be between 0 (all) and the number of perspectives, " + perspectives.size()
                        + ", not " + perspectivesPerGroup);
        int strata = perspectivesPerGroup == 0 ? perspectives.size() : perspectivesPerGroup;
        require(
                groupSize >= 2L * strata,
                "group_size " + groupSize
                        + " is too small: a group needs at least two samples of each of its perspectives, of which there are "
                        + strata);
        require(deadline.compareTo(Duration.ZERO) > 0, "deadline must be longer than 0, not " + deadline);
        long largest = RecordBudget.largestTrainingGroup(groupSize, sampling.maxCompletionTokens());
        require(
                largest <= RecordBudget.RECORD_BYTES,
                "group_size " + groupSize + " with sampling.max_completion_tokens " + sampling.maxCompletionTokens()
                        + " allows a training group of " + largest + " bytes, above the record limit of "
                        + RecordBudget.RECORD_BYTES + " bytes");
    }

    boolean byPassRate() {
        return curriculum.equals(PASS_RATE);
    }

    /** Whether a group of so many of the longest completions fits into a record. */
    public boolean fits(int samples) {
        return RecordBudget.largestTrainingGroup(samples, sampling.maxCompletionTokens()) <= RecordBudget.RECORD_BYTES;
    }

    /** Most groups of a specialty that may be under way: a batch for each version that training may be behind, and the next. */
    long mostUnderWay() {
        double oversampling = staleness.drops() ? staleness.oversampling() : 1;
        return (long) Math.ceil(oversampling * (plan.maxOffPolicySteps() + 1) * plan.batchSize());
    }

    /**
     * Perspective of each sample of a group that is reinforced: its strata in order, spread as evenly as the group size allows.
     *
     * @param n groups of the policy before this one
     */
    public List<String> members(long n) {
        return perspectivesPerGroup == 0
                ? spread(groupSize, perspectives.size(), 0)
                : spread(groupSize, perspectivesPerGroup, n * perspectivesPerGroup);
    }

    /**
     * Perspective of each sample of a group of another size, which may be smaller than their number.
     *
     * @param turn groups before this one: each begins one perspective later
     */
    List<String> members(int size, long turn) {
        return spread(size, perspectives.size(), turn);
    }

    /** So many samples over so many perspectives, from the given one on. */
    private List<String> spread(int size, int strata, long first) {
        return IntStream.range(0, size)
                .mapToObj(i -> perspectives.get((int) (((long) i * strata / size + first) % perspectives.size())))
                .toList();
    }
}
