package ai.consilium.platform.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.schemas.Component;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScoringBookTest {
    private static final ScoringConfig A = config("a", "gba");
    private static final ScoringConfig B = config("b", "gba");

    private static ScoringConfig config(String hash, String estimator) {
        ScorerRef scorer = ScorerRef.newBuilder()
                .setName("of-" + hash)
                .setVersion("v")
                .setComponent(Component.ACCURACY)
                .setRequired(true)
                .setShadow(false)
                .build();
        return new ScoringConfig(hash, estimator, Map.of(), List.of(scorer), "{}");
    }

    private static RunManifest configured(int revision, String hash) {
        return RunManifest.newBuilder()
                .setRunId("run")
                .setRevision(revision)
                .setFromRound(0)
                .setFormat(1)
                .setVersion("v")
                .setPolicies(List.of())
                .setSettings(Map.of(ScoringRevision.CONFIGURED, hash))
                .setWriter("w")
                .setCreatedMs(1)
                .build();
    }

    private static RunManifest revised(RunManifest before, ScoringConfig to) {
        return new ScoringRevision(to, "changed").after(before, "w", 2);
    }

    @Test
    void givenARevisionThenItIsInForceAndTheSchedulersNextConfigurationEndsIt() {
        ScoringBook book = new ScoringBook(A);
        book.stands(B);
        ScoringConfig c = config("c", "gba");
        book.stands(c);

        assertThat(book.take(configured(1, "a"))).isEmpty();
        assertThat(book.take(revised(configured(1, "a"), B))).isEmpty();
        assertThat(book.inForce()).isEqualTo(B);
        assertThat(book.take(configured(3, "c"))).isEmpty();

        assertThat(book.inForce()).isEqualTo(c);
        assertThat(book.scorers()).containsExactlyInAnyOrder("of-a", "of-b", "of-c");
        assertThat(book.history()).containsExactly(A, B, c);
    }

    @Test
    void givenARevisionThatIsNotOnTheLogOrChangesTheEstimatorThenItIsRefusedByName() {
        ScoringBook book = new ScoringBook(A);
        book.take(configured(1, "a"));

        assertThat(book.take(revised(configured(1, "a"), B)))
                .isEqualTo(Optional.of("revision 2 of the run is not taken in: it is not on the log"));
        ScoringConfig grpo = config("g", "grpo");
        book.stands(grpo);
        assertThat(book.take(revised(configured(2, "a"), grpo)))
                .hasValueSatisfying(why -> assertThat(why).contains("estimator grpo, the run has gba"));
        assertThat(book.inForce()).isEqualTo(A);
    }
}
