package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.run.EditionsOfRun;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a process takes for the cases of its run, by the manifest, when it meets a record. */
class EditionsOfRunIT {
    private static final String TRAIN = CaseLibrary.TRAINING_FILE;
    private static final String VAL = CaseLibrary.VALIDATION_FILE;

    @WithKafka
    private static EmbeddedCluster cluster;

    private static RunSettings settings(Map<String, String> values) {
        return new RunSettings("0.2.0", PolicyTable.of(List.of("pediatrics")), new TreeMap<>(values), Set.of());
    }

    @Test
    void givenARevisionThatWasWrittenBeforeARecordThenTheRecordIsTheRunsAndOneThatNoneNamesIsNot() {
        RunContext run = cluster.run("pediatrics");
        RunSettings host = settings(Map.of(CaseEdition.SHA256, "one", "data_root/val.jsonl.sha256", "held"));
        EditionsOfRun editions = new EditionsOfRun(run.kafka(), host);

        // A run of version 0.1 that is being resumed: its records are older than its manifest.
        assertThat(editions.instead(TRAIN, "one")).isEmpty();
        assertThat(editions.training(0)).isEmpty();

        RunManifest first =
                host.revise(Optional.empty(), run.runId(), "scheduler/s", 1).orElseThrow();
        ManifestLog.revise(run.kafka(), first, "scheduler");
        assertThat(editions.instead(TRAIN, "one")).isEmpty();
        assertThat(editions.instead(TRAIN, "two")).contains("one");
        ManifestLog.revise(run.kafka(), new CaseEdition(2, 7, "two", "").after(first, "scheduler/s", 2), "scheduler");

        assertThat(editions.instead(TRAIN, "two")).isEmpty();
        assertThat(editions.instead(TRAIN, "one")).isEmpty();
        assertThat(editions.instead(TRAIN, "three")).contains("two");
        assertThat(editions.training(1)).contains("one");
        assertThat(editions.training(2)).contains("two");
        assertThat(editions.told("two")).isEqualTo("7 cases since round 3");
        assertThat(editions.instead(VAL, "held")).isEmpty();
        assertThat(editions.instead(VAL, "other")).contains("held");
    }

    @Test
    void givenARoleThatLooksAtNoCasesThenItTakesWhatRecordsName() {
        RunContext run = cluster.run("pediatrics");

        assertThat(new EditionsOfRun(run.kafka(), settings(Map.of("steps", "3"))).instead(VAL, "any"))
                .isEmpty();
        assertThat(new EditionsOfRun(run.kafka(), settings(Map.of(CaseEdition.SHA256, "one"))).instead(VAL, "any"))
                .contains("no such file");
    }
}
