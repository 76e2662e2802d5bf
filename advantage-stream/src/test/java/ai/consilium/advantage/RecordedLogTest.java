package ai.consilium.advantage;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.advantage.topology.TopologyRig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.testing.RecordedLog;
import ai.consilium.testing.RecordedLog.LogRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What version 0.1 wrote is computed again from what it read. */
class RecordedLogTest {
    private static final List<String> SPECIALTIES = List.of("pediatrics", "oncology_surgery");
    private static final Set<Topics> INPUTS =
            Set.of(Topics.SCORING_CONFIGS, Topics.PROMPTS, Topics.TRAJECTORIES, Topics.SCORES);

    @Test
    void givenALogOfVersion01WhenItIsReplayedThenTheTrainingGroupsAreTheSameBitForBit() {
        RecordedLog log = TopologyRig.register(RecordedLog.ofVersion01());
        try (TopologyRig bench = new TopologyRig(SPECIALTIES)) {
            log.records().stream()
                    .filter(record -> INPUTS.contains(record.topic()))
                    .sorted(Comparator.comparingLong(LogRecord::timestamp))
                    .forEach(record ->
                            bench.sendBytes(record.topic(), record.key(), Objects.requireNonNull(record.value())));

            List<TrainingGroup> recorded = log.of(Topics.TRAINING_GROUPS).stream()
                    .map(record -> bench.decoded(Objects.requireNonNull(record.value())))
                    .toList();
            assertThat(recorded).hasSizeGreaterThanOrEqualTo(12);
            assertThat(bench.groups()).containsExactlyInAnyOrderElementsOf(recorded);
            assertThat(bench.letters()).isEmpty();
        }
    }
}
