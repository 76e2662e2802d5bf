package ai.consilium.cli.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cli.ablation.AblationRow.Kind;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AblationRowsTest {
    @Test
    void givenTheBuiltInRowsThenEachConfigurationLoadsAndOnlyWhatAsksForItConsolidates() {
        Path out = Path.of("out");
        List<AblationRow> rows = AblationRows.choose(List.of(), List.of(), List.of());
        AblationPlan plan = AblationPlan.of(out, rows, List.of(1L, 2L), new ConfigOptions(Map.of()), null);

        assertThat(rows).extracting(AblationRow::name).startsWith("gba", "grpo").contains("merge_ties", "consolidated");
        assertThat(plan.units()).hasSize(2 * rows.size());
        assertThat(plan.units())
                .allSatisfy(unit -> assertThat(
                                unit.settings().config().merger().consolidate().wanted())
                        .as(unit.name())
                        .isEqualTo(unit.row().kind() == Kind.CONSOLIDATED));
        assertThat(plan.units().stream()
                        .filter(unit -> unit.seed() == 1)
                        .map(unit -> unit.row().kind() == Kind.MERGE))
                .as("merges come after the runs of their seed")
                .isSorted();
        assertThat(plan.units()).extracting(AblationUnit::directory).doesNotHaveDuplicates();
        assertThat(plan.experts(2).directory()).isEqualTo(out.resolve("runs/gba-seed2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rl.learning_rate=0.001 | EXPERTS",
                "merger.method=ties,merger.density=0.4 | MERGE",
                "merger.method=ties,rl.learning_rate=0.001 | EXPERTS",
                "merger.consolidate.steps=3 | CONSOLIDATED",
            })
    void givenWhatARowSetsThenItsKindFollows(String set, Kind kind) {
        AblationRow row = AblationRows.choose(List.of(), List.of("mine=" + set), List.of("mine"))
                .get(0);
        assertThat(row.kind()).isEqualTo(kind);
        assertThat(String.join(",", row.set())).isEqualTo(set);
    }

    @Test
    void givenAListAsAValueWhenARowIsGivenThenItsCommasDoNotEndIt() {
        List<AblationRow> rows = AblationRows.choose(
                List.of(), List.of("two=perspectives=[intuitive,none],rl.warmup_steps=4"), List.of("two"));
        assertThat(rows)
                .containsExactly(new AblationRow("two", List.of("perspectives=[intuitive,none]", "rl.warmup_steps=4")));
    }

    @Test
    void givenAMergeWithoutTheRunThatItMergesThenThatRowIsAdded() {
        assertThat(AblationRows.choose(List.of(), List.of(), List.of("merge_ties", "grpo")))
                .extracting(AblationRow::name)
                .containsExactly("merge_ties", "grpo", "gba");
    }

    @Test
    void givenAFileOfRowsThenItAddsAndReplaces(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(
                dir.resolve("rows.yaml"),
                "rows:\n  - {name: slow, set: [rl.learning_rate=0.0001]}\n  - {name: gba, set: []}\n");
        assertThat(AblationRows.choose(List.of(file), List.of(), List.of("slow", "gba", "gdpo")))
                .containsExactly(
                        new AblationRow("slow", List.of("rl.learning_rate=0.0001")),
                        new AblationRow("gba", List.of()),
                        new AblationRow("gdpo", List.of("reward.adv_estimator=gdpo")));

        Path wrong = Files.writeString(dir.resolve("wrong.yaml"), "rows:\n  - {name: slow, set: [batch_size=3]}\n");
        assertThatThrownBy(() -> AblationRows.choose(List.of(wrong), List.of(), List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(wrong + ":2: rows[0].set: batch_size of row slow must be the same in all rows");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mine | mine | --row: 'mine' is not NAME=KEY=VALUE",
                "mine=rl | mine | --row: set: 'rl' of row mine is not KEY=VALUE",
                "a b=rl.x=1 | gba | --row: name: must be letters",
                "m=group_size=4 | m | --row: set: group_size of row m must be the same in all rows",
                "m=rl.x=1 | m,n | --rows: there is no row n; there are gba, grpo",
                "m=rl.x=1 | m,m | --rows: m is given twice",
            })
    void givenARowThatCannotBeThenItIsRefusedByName(String own, String names, String message) {
        assertThatThrownBy(() -> AblationRows.choose(List.of(), List.of(own), List.of(names.split(","))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void givenARowWithAnUnknownKeyWhenPlannedThenRowAndKeyAreNamed() {
        List<AblationRow> rows = AblationRows.choose(List.of(), List.of("m=rl.learning_rat=1"), List.of("gba", "m"));
        assertThatThrownBy(() -> AblationPlan.of(Path.of("out"), rows, List.of(1L), new ConfigOptions(Map.of()), null))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("row m: --set: rl.learning_rat: unknown key, did you mean rl.learning_rate?");
    }
}
