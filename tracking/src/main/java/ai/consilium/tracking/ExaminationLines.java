package ai.consilium.tracking;

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
import java.util.TreeMap;

/** Follows the examinations of a run: each gives a line when its last case has ended. One thread. */
final class ExaminationLines implements AutoCloseable {
    private final Map<String, Integer> cases;
    private final Examinations examinations = new Examinations();
    private final LogReader<GroupOutcome> outcomes;

    /** @param cases of an examination, by specialty */
    ExaminationLines(KafkaClients kafka, Map<String, Integer> cases) {
        this.cases = Map.copyOf(cases);
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
        Examinations.Mark mark = examinations.of(policy, group.get().version());
        if (mark.ended() != cases.getOrDefault(policy, -1) || mark.examined() == 0) {
            return Optional.empty();
        }
        return Optional.of(new MetricLine(
                policy,
                group.get().version(),
                MetricLine.VALIDATION,
                outcome.getCreatedMs(),
                new TreeMap<>(Map.of("val/accuracy", mark.accuracy(), "val/cases", (double) mark.examined()))));
    }

    @Override
    public void close() {
        outcomes.close();
    }
}
