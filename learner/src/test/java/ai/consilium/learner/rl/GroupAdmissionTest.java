package ai.consilium.learner.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.Groups;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.rl.GroupAdmission.Staleness;
import ai.consilium.learner.rl.GroupAdmission.Verdict;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupAdmissionTest {
    private final CaseRef ref;
    private final Lineage lineage;
    private final CaseLibrary library;
    private final GroupAdmission admission;

    /** Three versions were published. */
    GroupAdmissionTest(@TempDir Path data) throws IOException {
        Files.write(data.resolve("film.png"), new byte[] {1});
        Case of = new Case(
                "case-1",
                Groups.SPECIALTY,
                "film",
                List.of("film.png"),
                "is it so ?",
                new TreeMap<>(Map.of("A", "yes", "B", "no")),
                "A",
                Map.of(),
                null,
                Map.of(),
                "test");
        CaseFile.write(data.resolve("train.jsonl"), List.of(of));
        library = new CaseLibrary(data);
        ref = new CaseRef("train.jsonl", library.file("train.jsonl").sha256(), "case-1");
        lineage = new Lineage(
                Groups.SPECIALTY,
                Set.of(new Parent(Groups.SPECIALTY, 2L, "other-2"), new Parent(Groups.SPECIALTY, 0L, "other-0")));
        for (int version = 0; version < 3; version++) {
            lineage.add(Groups.update(version, "hash-" + version));
        }
        admission = admission(true);
    }

    private GroupAdmission admission(boolean masksTruncated) {
        return new GroupAdmission(
                new GroupAdmission.Scope(Groups.SPECIALTY, Purpose.RL, 0, 1, 4, masksTruncated),
                new CompletionTokens(8, new TreeSet<>(List.of(4))),
                lineage,
                library,
                (file, c, perspective) -> new PromptEncoder.Encoded(
                        new EncodedPrompt(new int[] {1, 2}, List.of()), new int[] {3}, "prompt of " + c.id()));
    }

    private static Member member(Span... spans) {
        return Groups.member(0, "prompt of case-1", List.of(5, 6, 7), 0.5, Map.of(), spans);
    }

    private TrainingGroup group(Member... members) {
        return Groups.group("g", ref, List.of(members));
    }

    private void assertRejected(TrainingGroup group, String reason) {
        assertThat(admission.judge(group, 210, 2)).isInstanceOfSatisfying(Verdict.Refused.class, refused -> {
            assertThat(refused.outcome()).isEqualTo(Outcome.REJECTED);
            assertThat(refused.reason()).contains(reason);
        });
    }

    @Test
    void givenAGroupOfPublishedVersionsWhenAdmittedThenItIsWhatTheTrainerTakes() {
        TrainingGroup group = group(member(new Span(0, 2, 1L, "hash-1"), new Span(2, 3, 2L, "hash-2")));

        assertThat(admission.judge(group, 210, 2)).isInstanceOfSatisfying(Verdict.Usable.class, usable -> {
            assertThat(usable.staleness()).isEqualTo(new Staleness(1, 0));
            assertThat(usable.group().temperature()).isEqualTo(1);
            assertThat(usable.group().members().get(0).completion()).containsExactly(5, 6, 7);
            assertThat(usable.group().members().get(0).behaviourLogprobs()).containsExactly(-0.5f, -0.5f, -0.5f);
            assertThat(usable.group().members().get(0).instruction()).containsExactly(3);
        });
    }

    @Test
    void givenSamplesOfTheRunThatIsTrainedFromThenTheyAreUsableOffPolicyAsLongAsTheyAreNotTooOld() {
        assertThat(admission.judge(group(member(new Span(0, 3, 2L, "other-2"))), 210, 2))
                .isInstanceOfSatisfying(
                        Verdict.Usable.class,
                        usable -> assertThat(usable.group().members().get(0).onPolicy())
                                .isFalse());
        assertThat(admission.judge(group(member(new Span(0, 3, 2L, "hash-2"))), 210, 2))
                .isInstanceOfSatisfying(
                        Verdict.Usable.class,
                        usable -> assertThat(usable.group().members().get(0).onPolicy())
                                .isTrue());
        assertThat(admission.judge(group(member(new Span(0, 3, 0L, "other-0"))), 210, 2))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.outcome()).isEqualTo(Outcome.STALE));
        assertRejected(
                group(member(new Span(0, 3, 1L, "other-1"))), "adapter other-1 of version 1 was never published");
    }

    @Test
    void givenACompletionThatWasCutThenItLeavesTheLossOnlyWhereItIsMasked() {
        Member cut = Member.newBuilder(member(new Span(0, 3, 2L, "hash-2")))
                .setTruncated(true)
                .build();

        assertThat(admission(true).judge(group(cut), 210, 2))
                .isInstanceOfSatisfying(
                        Verdict.Usable.class,
                        usable -> assertThat(usable.group().members().get(0).truncated())
                                .isTrue());
        assertThat(admission(false).judge(group(cut), 210, 2))
                .isInstanceOfSatisfying(
                        Verdict.Usable.class,
                        usable -> assertThat(usable.group().members().get(0).truncated())
                                .isFalse());
    }

    @Test
    void givenWhatTheModelCannotReadWhenAdmittedThenItIsRejectedAndTheLearnerGoesOn() {
        Span span = new Span(0, 3, 2L, "hash-2");

        assertRejected(group(tokens(List.of(5, 8, 7), span)), "token 8 is none that a completion may hold");
        assertRejected(group(tokens(List.of(5, -1, 7), span)), "token -1 is none that a completion may hold");
        assertRejected(group(tokens(List.of(5, 4, 7), span)), "token 4 is none that a completion may hold");
        assertRejected(
                group(tokens(List.of(1, 2, 3, 4, 5), new Span(0, 5, 2L, "hash-2"))),
                "5 tokens, sampling.max_completion_tokens is 4");
    }

    @Test
    void givenAGroupOfAnotherRoundWhenAdmittedThenItIsUnused() {
        TrainingGroup left = TrainingGroup.newBuilder(group(member(new Span(0, 3, 2L, "hash-2"))))
                .setRound(1)
                .build();

        assertThat(admission.judge(left, 210, 2)).isInstanceOfSatisfying(Verdict.Refused.class, refused -> {
            assertThat(refused.outcome()).isEqualTo(Outcome.UNUSED);
            assertThat(refused.reason()).isEqualTo("is of round 2, and this is round 1");
        });
    }

    @Test
    void givenWhatIsNotForThisPolicyWhenAdmittedThenItIsRejectedByName() {
        TrainingGroup usable = group(member(new Span(0, 3, 2L, "hash-2")));

        assertThat(admission.judge(
                        TrainingGroup.newBuilder(usable)
                                .setPolicy(Groups.SPECIALTY)
                                .build(),
                        210,
                        2))
                .isInstanceOf(Verdict.Usable.class);
        assertRejected(
                TrainingGroup.newBuilder(usable).setPolicy("unified").build(), "is of policy unified, not pediatrics");
        assertRejected(
                TrainingGroup.newBuilder(usable).setPurpose("validation").build(),
                "purpose is validation, which is not trained on here");
        assertRejected(
                TrainingGroup.newBuilder(usable).setPurpose("guess").build(),
                "purpose 'guess' is none of rl, distill, distill_rewarded, validation");
    }

    @Test
    void givenAnotherCaseFileThanTheRunsWhenAdmittedThenTheLearnerStopsAndNamesIt() {
        TrainingGroup foreign = TrainingGroup.newBuilder(group(member(new Span(0, 3, 2L, "hash-2"))))
                .setCaseRef(new CaseRef("train.jsonl", "0", "case-1"))
                .build();

        assertThatThrownBy(() -> admission.judge(foreign, 210, 2))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("data_root: ")
                .hasMessageEndingWith("the run's is 0");
    }

    private static Member tokens(List<Integer> tokens, Span span) {
        return Groups.member(0, "prompt of case-1", tokens, 0.5, Map.of(), span);
    }

    @Test
    void givenSpansOfSeveralVersionsWhenAdmittedThenTheOldestDecidesWhatIsStale() {
        TrainingGroup group = group(member(new Span(0, 2, 0L, "hash-0"), new Span(2, 3, 2L, "hash-2")));

        assertThat(admission.judge(group, 110, 1)).isInstanceOf(Verdict.Usable.class);
        assertThat(admission.judge(group, 210, 2)).isInstanceOfSatisfying(Verdict.Refused.class, refused -> {
            assertThat(refused.outcome()).isEqualTo(Outcome.STALE);
            assertThat(refused.reason()).contains("2 versions ago", "max_off_policy_steps is 1");
        });
    }

    @Test
    void givenAStaleGroupWhenAdmittedThenItIsSaidWhereItFellBehind() {
        TrainingGroup group = group(member(new Span(0, 3, 1L, "hash-1")));

        assertThat(staleness(group, 150)).isEqualTo(new Staleness(0, 1));
        assertThat(staleness(group, 250)).isEqualTo(new Staleness(1, 0));
        // a clock that is late does not make a part negative
        assertThat(staleness(group, -50)).isEqualTo(new Staleness(0, 1));
    }

    private Staleness staleness(TrainingGroup group, long closedMs) {
        return ((Verdict.Usable) admission.judge(group, closedMs, 2)).staleness();
    }

    @Test
    void givenAVersionThatWasNeverPublishedWhenAdmittedThenItsGroupIsRejected() {
        assertRejected(group(member(new Span(0, 3, 2L, "hash-1"))), "adapter hash-1 of version 2 was never published");
        assertRejected(group(member(new Span(0, 3, 7L, "hash-7"))), "version 7");
    }

    @Test
    void givenAnotherPromptWhenAdmittedThenItIsRejected() {
        Member other = Groups.member(0, "another prompt", List.of(5), 0.5, Map.of(), new Span(0, 1, 2L, "hash-2"));

        assertRejected(group(other), "prompt hash");
    }

    @Test
    void givenAnUnknownCaseWhenAdmittedThenItIsRejected() {
        CaseRef unknown = new CaseRef("train.jsonl", ref.getFileSha256(), "case-9");

        assertRejected(Groups.group("g", unknown, List.of(member(new Span(0, 3, 2L, "hash-2")))), "case-9");
    }

    @Test
    void givenBrokenMembersWhenAdmittedThenTheyAreRejected() {
        assertRejected(group(), "no members");
        assertRejected(group(member(new Span(0, 2, 2L, "hash-2"))), "spans cover 2 of 3");
        assertRejected(group(member(new Span(1, 3, 2L, "hash-2"))), "spans are not contiguous");
        assertRejected(
                group(Groups.member(
                        0, "prompt of case-1", List.of(5), Double.NaN, Map.of(), new Span(0, 1, 2L, "hash-2"))),
                "not finite");
    }
}
