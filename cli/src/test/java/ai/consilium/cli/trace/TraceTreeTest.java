package ai.consilium.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.runlog.provenance.LogPlace;
import ai.consilium.runlog.provenance.Provenance;
import ai.consilium.runlog.provenance.TracedGroup;
import ai.consilium.runlog.provenance.TracedSample;
import ai.consilium.runlog.provenance.TracedVersion;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceTreeTest {
    private static final String HASH = "0123456789abcdef".repeat(4);
    private static final LogPlace PLACE = new LogPlace("trajectories", 3, 1_000_000);

    private static TracedGroup group(String evidence) {
        TracedSample sample = new TracedSample(
                0,
                "differential",
                HASH,
                "member",
                HASH,
                57,
                "stop",
                "rollout-of-a-long-name-0",
                List.of(
                        new TracedSample.Sampled("oncology_surgery@10", HASH, 0, 20),
                        new TracedSample.Sampled("oncology_surgery@11", HASH, 20, 57)),
                0.8125,
                Map.of("z_a", 0.5),
                List.of(new TracedSample.GivenScore("differential", HASH, 0.75, null, List.of(evidence), false, false)),
                new LogPlace("scores", 3, 7),
                PLACE);
        return new TracedGroup(
                "run-oncology_surgery-000123",
                "oncology_surgery",
                "oncology_surgery",
                "rl",
                new TracedGroup.CaseName("train.jsonl", HASH, "c-12"),
                HASH,
                11,
                new LogPlace("prompts", 3, 5),
                new TracedGroup.Closed("complete", "gba", List.of(), new LogPlace("training-groups", 1, 9)),
                new TracedGroup.End(
                        "trained", "trained on", "oncology_surgery@12", new LogPlace("group-outcomes", 0, 4)),
                List.of(sample));
    }

    private static TracedVersion version(boolean accounted) {
        return new TracedVersion(
                "oncology_surgery@12",
                "reinforcement",
                false,
                HASH,
                List.of(new TracedVersion.Parent("oncology_surgery@11", HASH)),
                List.of(new TracedVersion.Range("training-groups", 1, 9, 12)),
                List.of("run-oncology_surgery-000123"),
                accounted,
                Map.of(),
                HASH,
                "learner-train",
                1_700_000_000_000L,
                new LogPlace("policy-updates", 0, 30));
    }

    private static String rendered(TracedVersion version, TracedGroup group) {
        CaseImages images =
                new CaseImages(Map.of("c-12", List.of(new CaseImages.Image("images/c-12.png", HASH))), null);
        return TraceTree.render(new Provenance(version.name(), "version", version, List.of(group)), images);
    }

    @Test
    void givenAVersionThenTheTreeLeadsToGroupsSamplesAndScoresInLinesThatFit() {
        String tree = rendered(version(true), group("states 3 of 4 findings; " + "word ".repeat(60)));

        assertThat(tree.lines()).allMatch(line -> line.length() <= 120);
        assertThat(tree)
                .contains(
                        "oncology_surgery@12  reinforcement, 2023-11-14T22:13:20Z by learner-train  policy-updates/0@30",
                        "├─ made from oncology_surgery@11",
                        "├─ consumed training-groups/1@9 to @11",
                        "1 group, which the outcomes name too",
                        "└─ group run-oncology_surgery-000123  rl  trained oncology_surgery@12  group-outcomes/0@4",
                        "image 0123456789ab  images/c-12.png",
                        "advantage +0.8125",
                        "sampled with oncology_surgery@10, oncology_surgery@11",
                        "trajectories/3@1000000",
                        "score differential  version 0123456789ab  0.75  states 3 of 4");
    }

    @Test
    void givenOutcomesThatNameOtherGroupsThenTheTreeSaysSo() {
        assertThat(rendered(version(false), group("fine"))).contains("the outcomes name OTHER groups");
    }

    @Test
    void givenHostileEvidenceThenItMovesNoCursor() {
        assertThat(rendered(version(true), group("\u001b[2J \u202e \n")))
                .contains("\\u001b[2J")
                .doesNotContain("\u001b")
                .doesNotContain("\u202e");
    }
}
