package ai.consilium.tracking;

import ai.consilium.platform.examination.ExaminationFigures;
import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Topics;
import ai.consilium.tracking.lines.MetricLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Follows the examinations of a run: each gives a line when its last case has ended. One thread. */
final class ExaminationLines implements AutoCloseable {
    private final Map<String, Integer> questions;
    private final Examinations examinations = new Examinations();
    private final LogReader<GroupOutcome> outcomes;

    /** @param questions of an examination, by specialty */
    ExaminationLines(KafkaClients kafka, Map<String, Integer> questions) {
        this.questions = Map.copyOf(questions);
        this.outcomes = new LogReader<>(
                kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, UnusableRecords.LOGGED, null, Map.of());
    }

    List<MetricLine> poll(Duration timeout) {
        List<MetricLine> lines = new ArrayList<>();
        outcomes.poll(timeout).forEach(record -> add(record.value()).ifPresent(lines::add));
        return lines;
    }

    boolean caughtUp() {
        return outcomes.caughtUp();
    }

    private Optional<MetricLine> add(GroupOutcome outcome) {
        Optional<ExaminedGroup> group = ExaminedGroup.of(outcome);
        if (!examinations.add(outcome) || group.isEmpty()) {
            return Optional.empty();
        }
        String policy = group.get().policy();
        long version = group.get().version();
        if (examinations.ended(policy, version) != questions.getOrDefault(policy, -1)) {
            return Optional.empty();
        }
        SortedMap<String, Double> figures = ExaminationFigures.all(examinations.marks(policy, version));
        if (figures.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new MetricLine(policy, version, MetricLine.VALIDATION, outcome.getCreatedMs(), figures));
    }

    @Override
    public void close() {
        outcomes.close();
    }
}
