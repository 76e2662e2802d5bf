package ai.consilium.rollout.scheduler;

import java.util.Map;

/**
 * What the scheduler knows of one round.
 *
 * @param admission how many groups may be admitted, and which are open
 * @param untrained groups that ended without training of late
 */
record RoundBooks(AdmissionController admission, NoProgressGuard untrained) {
    /** What they hold. */
    record Content(AdmissionController.Content admission, NoProgressGuard.Content untrained) {}

    /** Empty books. */
    static RoundBooks of(SchedulerConfig config, Map<String, Pace> paces) {
        return new RoundBooks(new AdmissionController(paces), new NoProgressGuard(config.maxUntrainedBatches(), paces));
    }

    /** Books that hold what others held. */
    static RoundBooks of(SchedulerConfig config, Map<String, Pace> paces, Content content) {
        return new RoundBooks(
                new AdmissionController(paces, content.admission()),
                new NoProgressGuard(config.maxUntrainedBatches(), paces, content.untrained()));
    }

    Content content() {
        return new Content(admission.content(), untrained.content());
    }
}
