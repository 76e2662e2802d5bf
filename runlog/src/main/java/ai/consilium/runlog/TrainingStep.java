package ai.consilium.runlog;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One step of reinforcement or consolidation of a run.
 *
 * @param version that the step made
 * @param figures by name
 */
public record TrainingStep(String specialty, long version, Map<String, Double> figures) {
    private static final Comparator<TrainingStep> ORDER =
            Comparator.comparing(TrainingStep::specialty).thenComparingLong(TrainingStep::version);

    /** Those that are on the log by now, by specialty, then by version. */
    public static List<TrainingStep> read(KafkaClients kafka) {
        List<TrainingStep> steps = new ArrayList<>();
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, update -> {
            if (update.getKind() == UpdateKind.REINFORCEMENT || update.getKind() == UpdateKind.DISTILLATION) {
                steps.add(new TrainingStep(
                        update.getSpecialty(), update.getVersion(), new TreeMap<>(update.getFigures())));
            }
        });
        return steps.stream().sorted(ORDER).toList();
    }
}
