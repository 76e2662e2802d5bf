package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.ClosedRounds;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class ClosedRoundsIT {
    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenRoundsThatEndedWithAnAgentWhenOneComesBackThenItBeginsWithTheLastOfThem() {
        RunContext run = cluster.run("pediatrics");
        assertThat(last(run)).isZero();

        write(run, version(Topics.UNIFIED, 1, UpdateKind.MERGE, true, 0));
        write(run, version("pediatrics", 5, UpdateKind.REINFORCEMENT, true, 1));
        assertThat(last(run)).as("the second has no agent yet").isZero();
        write(
                run,
                IntStream.range(1, 700)
                        .mapToObj(round -> version(Topics.UNIFIED, 2L * round, UpdateKind.MERGE, true, round))
                        .toArray(PolicyUpdate[]::new));
        write(run, version(Topics.UNIFIED, 1400, UpdateKind.MERGE, false, 700));
        write(run, version(Topics.UNIFIED, 1401, UpdateKind.DISTILLATION, true, 700));
        assertThat(last(run)).as("of what was merged no agent has come yet").isEqualTo(699);
    }

    private static int last(RunContext run) {
        try (DeadLetters letters = new DeadLetters(run.kafka(), "test")) {
            return ClosedRounds.last(run, letters, () -> false);
        }
    }

    private static PolicyUpdate version(String policy, long version, UpdateKind kind, boolean last, int round) {
        return PolicyUpdate.newBuilder(RunRecords.update(policy, version, 1, 1))
                .setKind(kind)
                .setFinalVersion(last)
                .setRound(round)
                .build();
    }

    private static void write(RunContext run, PolicyUpdate... updates) {
        try (var producer = run.kafka().producer("test")) {
            for (PolicyUpdate update : updates) {
                var unused = producer.send(
                        new ProducerRecord<>(run.kafka().topic(Topics.POLICY_UPDATES), update.getSpecialty(), update));
            }
        }
    }
}
