package ai.consilium.platform.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScoringConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunSettingsTest {
    private static final Map<String, String> VALUES = Map.of("batch_size", "2", "seed", "1", "group_size", "10");

    private static RunSettings settings(List<String> specialties, Map<String, String> values) {
        return new RunSettings("0.2.0", PolicyTable.of(specialties), new TreeMap<>(values), Set.of("group_size"));
    }

    private static RunSettings settings(Map<String, String> values) {
        return settings(List.of("pediatrics"), values);
    }

    private static RunManifest first() {
        return settings(VALUES)
                .revise(Optional.empty(), "small", "scheduler/s", 7)
                .orElseThrow();
    }

    @Test
    void givenNoManifestWhenASchedulerStartsThenItWritesTheFirstRevisionWithEverything() {
        RunManifest manifest = first();

        assertThat(manifest.getRevision()).isEqualTo(1);
        assertThat(manifest.getFromRound()).isZero();
        assertThat(manifest.getFormat()).isEqualTo(RunSettings.FORMAT);
        assertThat(manifest.getVersion()).isEqualTo("0.2.0");
        assertThat(manifest.getPolicies()).containsExactly("pediatrics", "unified");
        assertThat(manifest.getSettings()).isEqualTo(VALUES);
    }

    @Test
    void givenTheSameSettingsWhenASchedulerStartsAgainThenItWritesNothing() {
        assertThat(settings(VALUES).revise(Optional.of(first()), "small", "scheduler/s", 8))
                .isEmpty();
    }

    @Test
    void givenARevisableSettingWhenASchedulerStartsAgainThenItWritesTheNextRevision() {
        RunSettings changed = settings(Map.of("batch_size", "2", "seed", "1", "group_size", "12"));

        RunManifest manifest =
                changed.revise(Optional.of(first()), "small", "scheduler/s", 8).orElseThrow();

        assertThat(manifest.getRevision()).isEqualTo(2);
        assertThat(manifest.getSettings()).containsEntry("group_size", "12");
        assertThatThrownBy(() -> settings(VALUES).requireSameAs(manifest))
                .isInstanceOf(UsageException.class)
                .hasMessage("group_size: 10 here, 12 in the manifest of run small, revision 2");
    }

    @Test
    void givenARevisionOfTheScoringWhenASchedulerStartsAgainThenItStaysUnlessTheSchedulerIsGivenAnother() {
        RunManifest first = settings(Map.of(ScoringRevision.CONFIGURED, "mine"))
                .revise(Optional.empty(), "small", "scheduler/s", 7)
                .orElseThrow();
        ScoringConfig other = new ScoringConfig("other", "gba", Map.of(), List.of(), "{}");
        Optional<RunManifest> revised =
                Optional.of(new ScoringRevision(other, "lactate is active").after(first, "cli", 8));

        assertThat(revised.get().getRevision()).isEqualTo(2);
        assertThat(settings(Map.of(ScoringRevision.CONFIGURED, "mine")).revise(revised, "small", "scheduler/s", 9))
                .isEmpty();
        RunSettings given = new RunSettings(
                "0.2.0",
                PolicyTable.of(List.of("pediatrics")),
                new TreeMap<>(Map.of(ScoringRevision.CONFIGURED, "new")),
                Set.of(ScoringRevision.CONFIGURED));
        assertThat(given.revise(revised, "small", "scheduler/s", 9))
                .hasValueSatisfying(
                        manifest -> assertThat(ScoringRevision.hash(manifest)).isEmpty());
    }

    @Test
    void givenSettingsThatTheRunKeepsWhenASchedulerStartsAgainThenEachIsRefusedOnALine() {
        RunSettings changed = settings(
                List.of("brain_senses", "pediatrics"), Map.of("batch_size", "4", "seed", "2", "group_size", "12"));

        assertThatThrownBy(() -> changed.revise(Optional.of(first()), "small", "scheduler/s", 8))
                .isInstanceOf(UsageException.class)
                .hasMessage("""
                        specialties: [brain_senses, pediatrics] here, [pediatrics] in the manifest of run small, revision 1
                        batch_size: 4 here, 2 in the manifest of run small, revision 1
                        seed: 2 here, 1 in the manifest of run small, revision 1""");
    }

    @Test
    void givenARoleThatKnowsLessOrMoreThanTheManifestThenOnlyWhatBothKnowIsCompared() {
        settings(Map.of("seed", "1")).requireSameAs(first());
        settings(Map.of("seed", "1", "added_later", "x")).requireSameAs(first());
    }

    @Test
    void givenSpecialtiesBehindThoseOfTheRunWhenASchedulerStartsThenTheyAreAddedFromARoundOn() {
        RunSettings longer = settings(List.of("pediatrics", "brain_senses", "skin"), VALUES);

        longer.requireContinues(first());
        assertThat(longer.added(first())).containsExactly("brain_senses", "skin");
        RunManifest added = longer.adding(first(), 3, "scheduler/s", 8);

        assertThat(added.getRevision()).isEqualTo(2);
        assertThat(added.getPolicies()).containsExactly("pediatrics", "unified", "brain_senses", "skin");
        assertThat(added.getPolicyRounds()).containsExactly(0, 0, 3, 3);
        longer.requireSameAs(added);
        assertThat(longer.added(added)).isEmpty();
        RunSettings revising = settings(
                List.of("pediatrics", "brain_senses", "skin"),
                Map.of("batch_size", "2", "seed", "1", "group_size", "12"));
        assertThat(revising.revise(Optional.of(added), "small", "scheduler/s", 9))
                .as("a later revision keeps since when they are trained")
                .hasValueSatisfying(later -> assertThat(later.getPolicyRounds()).containsExactly(0, 0, 3, 3));
    }

    @Test
    void givenRolesThatHaveOtherSpecialtiesThanTheRunThenEachIsToldWhatToDo() {
        RunSettings longer = settings(List.of("pediatrics", "skin"), VALUES);
        RunManifest added = longer.adding(first(), 1, "scheduler/s", 8);

        assertThatThrownBy(() -> settings(VALUES).requireSpecialties(added))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "specialties: [pediatrics] here, [pediatrics, skin] in the manifest of run small, revision 2:"
                                + " specialties were added; set what the run has, and start this again");
        assertThatThrownBy(() -> settings(VALUES).requireContinues(added)).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> longer.requireSameAs(first()))
                .hasMessage(
                        "specialties: [pediatrics, skin] here, [pediatrics] in the manifest of run small, revision 1:"
                                + " specialties are added by the scheduler; start it before this");
    }

    @Test
    void givenALongerPartitionTableThenTheRunsTableIsTaken() {
        RunManifest longer = RunManifest.newBuilder(first())
                .setPolicies(List.of("pediatrics", "unified", "brain_senses"))
                .build();

        RunSettings settings = settings(List.of("pediatrics", "brain_senses"), VALUES);
        settings.requireSameAs(longer);

        assertThat(settings.under(longer).policies().partition("unified")).isEqualTo(1);
        assertThat(settings.under(longer).policies().partition("brain_senses")).isEqualTo(2);
    }

    @Test
    void givenAManifestThatCannotBeUsedThenItIsRefusedByName() {
        RunManifest later =
                RunManifest.newBuilder(first()).setFormat(2).setVersion("9.0.0").build();
        RunManifest broken = RunManifest.newBuilder(first())
                .setPolicies(List.of("pediatrics"))
                .build();

        assertThatThrownBy(() -> settings(VALUES).requireSameAs(later))
                .isInstanceOf(UsageException.class)
                .hasMessage("run_id: the manifest of run small, revision 1 was written in format 2 by version 9.0.0;"
                        + " this version reads format 1");
        assertThatThrownBy(() -> settings(VALUES).requireSameAs(broken))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("run_id: the manifest of run small, revision 1 cannot be used: ");
    }

    /** Of a host that has a file of the run's first edition, and knows that what it has begins with the editions named. */
    private static RunSettings host(String sha256, int cases, Map<String, Integer> editions) {
        return new RunSettings(
                "0.2.0",
                PolicyTable.of(List.of("pediatrics")),
                new TreeMap<>(Map.of(CaseEdition.SHA256, sha256, CaseEdition.CASES, Integer.toString(cases))),
                Set.of(),
                edition -> editions.containsKey(edition.sha256())
                        ? Map.of(
                                CaseEdition.SHA256,
                                edition.sha256(),
                                CaseEdition.CASES,
                                Integer.toString(editions.get(edition.sha256())))
                        : Map.of());
    }

    @Test
    void givenCasesWereAddedWhenHostsCompareThenWhoHasMoreFitsAndWhoHasLessIsToldToCopyThem() {
        RunManifest first = host("one", 120, Map.of("one", 120))
                .revise(Optional.empty(), "small", "scheduler/s", 7)
                .orElseThrow();
        RunManifest grown = new CaseEdition(2, 150, "two", "").after(first, "scheduler/s", 8);

        assertThat(grown.getRevision()).isEqualTo(2);
        assertThat(grown.getFromRound()).isEqualTo(2);
        RunSettings more = host("three", 170, Map.of("one", 120, "two", 150));
        more.requireSameAs(first);
        more.requireSameAs(grown);
        assertThat(more.revise(Optional.of(grown), "small", "scheduler/s", 9)).isEmpty();
        assertThatThrownBy(() -> host("one", 120, Map.of("one", 120)).requireSameAs(grown))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "data_root/train.jsonl.cases: 120 here, 150 cases since round 3 in the manifest of run small,"
                                + " revision 2: copy the run's file, with its pictures, and start this again");
        assertThatThrownBy(() -> host("other", 150, Map.of()).requireSameAs(grown))
                .hasMessage("data_root/train.jsonl.sha256: other here, two in the manifest of run small, revision 2");
    }

    @Test
    void givenRevisionsThenEachRoundHasItsEdition() {
        RunManifest first = host("one", 120, Map.of("one", 120))
                .revise(Optional.empty(), "small", "scheduler/s", 7)
                .orElseThrow();
        RunManifest paused = RunControl.PAUSE.after(first, "command", 8);
        RunManifest undone = new CaseEdition(2, 150, "two", "").after(paused, "scheduler/s", 9);
        RunManifest third = new CaseEdition(2, 160, "three", "").after(undone, "scheduler/s", 10);
        RunManifest gone = RunControl.GO.after(third, "command", 11);

        CaseEditions editions = CaseEditions.of(List.of(first, paused, undone, third, gone));

        assertThat(editions.in(0).orElseThrow().sha256()).isEqualTo("one");
        assertThat(editions.in(1).orElseThrow().sha256()).isEqualTo("one");
        assertThat(editions.in(2).orElseThrow()).isEqualTo(new CaseEdition(2, 160, "three", ""));
        assertThat(editions.in(9).orElseThrow().sha256()).isEqualTo("three");
        assertThat(editions.of("two")).isPresent();
        assertThat(editions.of("four")).isEmpty();
        assertThat(CaseEditions.of(List.of()).in(0)).isEmpty();
    }
}
