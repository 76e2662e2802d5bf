package ai.consilium.runlog;

import ai.consilium.platform.examination.ExaminationFigures;
import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One step of reinforcement or consolidation of a run, with how the version that it made was examined; version 0, which no step
 * made, where it was examined.
 *
 * @param version that the step made
 * @param figures by name
 */
public record TrainingStep(String specialty, long version, Map<String, Double> figures) {
    private static final Comparator<TrainingStep> ORDER =
            Comparator.comparing(TrainingStep::specialty).thenComparingLong(TrainingStep::version);

    /** Those that are on the log by now, by specialty, then by version. */
    public static List<TrainingStep> read(KafkaClients kafka) {
        Examinations examinations = new Examinations();
        TopicContent.read(kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, examinations::add);
        List<TrainingStep> steps = new ArrayList<>();
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, update -> {
            Map<String, Double> examined =
                    ExaminationFigures.all(examinations.marks(update.getSpecialty(), update.getVersion()));
            boolean step = update.getKind() == UpdateKind.REINFORCEMENT || update.getKind() == UpdateKind.DISTILLATION;
            Map<String, Double> figures = new TreeMap<>(step ? update.getFigures() : Map.of());
            figures.putAll(examined);
            if (step || !examined.isEmpty()) {
                steps.add(new TrainingStep(update.getSpecialty(), update.getVersion(), figures));
            }
        });
        return steps.stream().sorted(ORDER).toList();
    }
}
