package ai.consilium.rollout.scheduler;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the scheduler knows of one round.
 *
 * @param admission how many groups may be admitted, and which are open
 * @param untrained groups that ended without training of late
 */
record RoundBooks(AdmissionController admission, NoProgressGuard untrained) {
    /** Empty books of every round. */
    static List<RoundBooks> of(int rounds, SchedulerConfig config, Map<String, Pace> paces) {
        return IntStream.range(0, rounds)
                .mapToObj(round -> new RoundBooks(
                        new AdmissionController(paces), new NoProgressGuard(config.maxUntrainedBatches(), paces)))
                .toList();
    }
}
