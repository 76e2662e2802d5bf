package ai.consilium.reward.watch;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.definition;
import static ai.consilium.reward.ScoringExamples.rubric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScorerLife;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RubricWatchTest {
    private static final String WORDS = """
            name: sepsis
            criteria:
              - {kind: max_words, limit: %d, weight: 1}
            """;

    private final Path folder;
    private final Path dropped;
    private final Set<String> known = new HashSet<>();
    private final List<String> told = new ArrayList<>();
    private ScoringConfig inForce;

    RubricWatchTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.dropped = Files.createDirectory(folder.resolve("dropped"));
        write(folder.resolve("own.yaml"), 10);
        this.inForce = definition(configured(), folder).config();
        know();
    }

    private static RewardConfig configured() {
        return config(check("accuracy"), rubric("own", "own.yaml"));
    }

    private RubricWatch watch(String directory) {
        RewardConfig plain = configured();
        RewardConfig watching = new RewardConfig(
                plain.advEstimator(),
                plain.advantage(),
                plain.scorers(),
                plain.plugins(),
                plain.http(),
                plain.concurrency(),
                plain.batch(),
                plain.maxInFlight(),
                plain.breaker(),
                plain.configWait(),
                directory);
        return new RubricWatch(
                watching, new ScorerType.Surroundings(folder, plain.http(), Grading.Mode.STRICT, EndTokens.TURN_END));
    }

    private static void write(Path file, int words) throws IOException {
        Files.writeString(file, WORDS.formatted(words));
    }

    private void know() {
        inForce.getScorers().stream().map(ScorerRef::getName).forEach(known::add);
    }

    /** Asks, and puts in force what is offered. */
    private Optional<String> ask(RubricWatch watch) {
        Optional<ScoringRevision> offered = watch.next(inForce, known, told::add);
        offered.ifPresent(revision -> {
            inForce = revision.config();
            know();
        });
        return offered.map(ScoringRevision::change);
    }

    private List<String> shadows() {
        return inForce.getScorers().stream()
                .filter(ScorerRef::getShadow)
                .map(ScorerRef::getName)
                .toList();
    }

    private ScorerLife life() {
        return new ScorerLife(ScoringDefinition.of(inForce), List.of());
    }

    @Test
    void givenAFileOfAScorerWhenItChangesThenItIsOfferedAsAShadowOnceAndANewerOneTakesItsPlace() throws IOException {
        RubricWatch watch = watch("");
        assertThat(ask(watch)).isEmpty();

        write(folder.resolve("own.yaml"), 20);
        assertThat(ask(watch))
                .hasValueSatisfying(change -> assertThat(change).matches("own@\\w{8} is a shadow \\(own.yaml\\)"));
        List<String> first = shadows();
        assertThat(ask(watch)).isEmpty();
        write(folder.resolve("own.yaml"), 30);
        assertThat(ask(watch)).isPresent();

        assertThat(shadows()).hasSize(1).doesNotContainAnyElementsOf(first);
        write(folder.resolve("own.yaml"), 10);
        assertThat(ask(watch)).contains("own is as it was (own.yaml)");
        assertThat(shadows()).isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void givenAnOfferWhenItIsPromotedOrRetiredThenTheFileOffersNothingMoreAlsoAfterARestart() throws IOException {
        write(folder.resolve("own.yaml"), 20);
        write(dropped.resolve("lactate.yaml"), 5);
        assertThat(ask(watch("dropped"))).isPresent();
        assertThat(shadows()).hasSize(2);

        inForce = life().promote("own").to().config();
        inForce = life().retire(shadows().get(0)).to().config();

        assertThat(ask(watch("dropped"))).isEmpty();
        assertThat(inForce.getScorers()).extracting(ScorerRef::getName).containsExactly("accuracy", "own");
    }

    @Test
    void givenABrokenFileWhenDroppedInThenItIsNamedOnceAndOfferedWhenItIsMended() throws IOException {
        RubricWatch watch = watch("dropped");
        Path file =
                Files.writeString(dropped.resolve("lactate.yml"), "name: lactate\ncriteria:\n  - {kind: max_wrds}\n");
        Files.writeString(dropped.resolve("notes.txt"), "not a rubric");

        assertThat(ask(watch)).isEmpty();
        assertThat(ask(watch)).isEmpty();
        assertThat(told).singleElement().asString().startsWith(file + ":3: ").endsWith("; the run goes on without it");

        write(file, 5);
        assertThat(ask(watch)).isPresent();
        assertThat(shadows()).singleElement().asString().startsWith("lactate@");
        Files.delete(file);
        assertThat(ask(watch)).isEmpty();
        assertThat(shadows()).hasSize(1);
    }

    @Test
    void givenWhatIsTooLargeOrOfAnotherVersionThenItIsNamedOnceAndNothingIsOffered() throws IOException {
        RubricWatch watch = watch("dropped");
        Path large = Files.writeString(dropped.resolve("large.yaml"), "#".repeat((1 << 20) + 1));
        assertThat(ask(watch)).isEmpty();
        assertThat(told).containsExactly(large + ": is larger than 1048576 bytes; the run goes on without it");

        inForce = new ScoringConfig("other", "gba", inForce.getParameters(), inForce.getScorers(), "{}");
        assertThat(ask(watch)).isEmpty();
        assertThat(ask(watch)).isEmpty();
        assertThat(told).hasSize(2).last().asString().startsWith("rubric files are not watched: ");
    }

    @Test
    void givenADirectoryThatIsNotThereThenItIsRefusedByName() {
        assertThatThrownBy(() -> watch("nowhere"))
                .isInstanceOf(UsageException.class)
                .hasMessage("reward.watch: no such directory: " + folder.resolve("nowhere"));
    }
}
