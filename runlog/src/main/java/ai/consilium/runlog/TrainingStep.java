package ai.consilium.runlog;

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
    /** Share of the validation cases that the version answers right. */
    private static final String ACCURACY = "val/accuracy";
    /** How many they were. */
    private static final String CASES = "val/cases";

    private static final Comparator<TrainingStep> ORDER =
            Comparator.comparing(TrainingStep::specialty).thenComparingLong(TrainingStep::version);

    /** Those that are on the log by now, by specialty, then by version. */
    public static List<TrainingStep> read(KafkaClients kafka) {
        Examinations examinations = new Examinations();
        TopicContent.read(kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, examinations::add);
        List<TrainingStep> steps = new ArrayList<>();
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, update -> {
            Examinations.Mark mark = examinations.of(update.getSpecialty(), update.getVersion());
            boolean step = update.getKind() == UpdateKind.REINFORCEMENT || update.getKind() == UpdateKind.DISTILLATION;
            Map<String, Double> figures = new TreeMap<>(step ? update.getFigures() : Map.of());
            if (mark.examined() > 0) {
                figures.put(ACCURACY, mark.accuracy());
                figures.put(CASES, (double) mark.examined());
            }
            if (step || mark.examined() > 0) {
                steps.add(new TrainingStep(update.getSpecialty(), update.getVersion(), figures));
            }
        });
        return steps.stream().sorted(ORDER).toList();
    }
}
