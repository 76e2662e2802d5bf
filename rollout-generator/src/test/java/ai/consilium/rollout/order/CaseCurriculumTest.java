package ai.consilium.rollout.order;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CaseCurriculumTest {
    private static final OutcomeFactory OUTCOMES = new OutcomeFactory("test");
    private static final List<String> CASES =
            IntStream.range(0, 10).mapToObj(i -> "case-" + i).toList();

    private final Drawing drawing = new Drawing(3, true);

    @Test
    void givenACaseThatEveryAnswerGotRightThenItSitsOutTwoEpochsAndOneThatAllGotWrongOne() {
        String easy = CASES.get(4);
        String hard = CASES.get(7);

        List<String> drawn = new ArrayList<>();
        for (int i = 0; i < 10 + 8 + 9 + 10; i++) {
            Prompt prompt = drawing.draw();
            String id = prompt.getCaseRef().getId();
            drawn.add(id);
            drawing.curriculum.ended(
                    id.equals(easy) && i < 10
                            ? filtered(prompt, 1)
                            : id.equals(hard) && i < 10 ? filtered(prompt, 0) : trained(prompt));
        }

        assertThat(drawn.subList(0, 10)).containsExactlyInAnyOrderElementsOf(CASES);
        assertThat(drawn.subList(10, 18)).doesNotContain(easy, hard).doesNotHaveDuplicates();
        assertThat(drawn.subList(18, 27)).contains(hard).doesNotContain(easy);
        assertThat(drawn.subList(27, 37)).containsExactlyInAnyOrderElementsOf(CASES);
    }

    @Test
    void givenACaseThatTeachesNothingAgainAndAgainThenItSitsOutTwiceAsLongEachTimeUntilItTeaches() {
        String hard = CASES.get(7);
        List<Long> epochs = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Prompt prompt = drawing.draw();
            boolean at = prompt.getCaseRef().getId().equals(hard);
            if (at) {
                epochs.add(drawing.order.epoch(prompt.getCasePosition()));
            }
            drawing.curriculum.ended(at && epochs.size() != 8 ? filtered(prompt, 0) : trained(prompt));
        }

        // Sat out: 1, 2, 4, 8, 16 and not more; then, when it had taught, none, 1 and 2.
        assertThat(epochs.subList(0, 11)).containsExactly(0L, 2L, 5L, 10L, 19L, 36L, 53L, 70L, 71L, 73L, 76L);
    }

    /** Several of its groups may be under way when it begins to rest. */
    @Test
    void givenAGroupThatWasTooOldThenItsCaseRestsOn() {
        List<Prompt> drawn =
                IntStream.range(0, 20).mapToObj(i -> drawing.draw()).toList();
        String hard = drawn.get(3).getCaseRef().getId();
        for (Prompt prompt : drawn) {
            boolean at = prompt.getCaseRef().getId().equals(hard);
            drawing.curriculum.ended(
                    !at ? trained(prompt) : prompt.getCasePosition() < 10 ? filtered(prompt, 1) : stale(prompt));
        }

        assertThat(IntStream.range(0, 9)
                        .mapToObj(i -> drawing.draw().getCaseRef().getId()))
                .doesNotContain(hard);
    }

    /** With as many groups under way as there are cases, and some of them too old when they end. */
    @Property(tries = 20)
    void givenCasesThatAreNeverLearntThenFewOfTheGroupsThatAreJudgedTeachNothing(@ForAll long seed) {
        assertThat(shareThatTeachesNothing(seed, false)).isBetween(0.35, 0.45);
        assertThat(shareThatTeachesNothing(seed, true)).isLessThan(0.2);
    }

    /** Of ten cases two are always right, and two always wrong. */
    private static double shareThatTeachesNothing(long seed, boolean byPassRate) {
        Random random = new Random(seed);
        Drawing drawn = new Drawing(seed, byPassRate);
        List<Prompt> open = new ArrayList<>();
        int judged = 0;
        int nothing = 0;
        for (int i = 0; i < 2000; i++) {
            open.add(drawn.draw());
            if (open.size() < CASES.size()) {
                continue;
            }
            Prompt ended = open.remove(random.nextInt(open.size()));
            int of = CASES.indexOf(ended.getCaseRef().getId());
            if (random.nextInt(4) == 0) {
                drawn.curriculum.ended(stale(ended));
            } else {
                judged++;
                nothing += of < 4 ? 1 : 0;
                drawn.curriculum.ended(of < 4 ? filtered(ended, of % 2) : trained(ended));
            }
        }
        return (double) nothing / judged;
    }

    @Test
    void givenEveryCaseRestsThenTheNextIsDrawnNevertheless() {
        for (int i = 0; i < 40; i++) {
            drawing.curriculum.ended(filtered(drawing.draw(), 1));
        }

        assertThat(drawing.prompts.subList(10, 40))
                .extracting(Prompt::getCasePosition)
                .doesNotHaveDuplicates();
    }

    @Test
    void givenNoCurriculumThenPlacesFollowOneAnother() {
        Drawing inTurn = new Drawing(3, false);
        for (long i = 0; i < 30; i++) {
            Prompt prompt = inTurn.draw();
            assertThat(prompt.getCasePosition()).isEqualTo(i);
            inTurn.curriculum.ended(filtered(prompt, 1));
        }
    }

    /** A restart draws what the same scheduler would have drawn. */
    @Property(tries = 200)
    void givenTheLogInAnyOrderThenARestartGoesOnAlike(@ForAll long seed, @ForAll @IntRange(max = 60) int groups) {
        Drawing live = new Drawing(3, true);
        Random random = new Random(seed);
        Map<String, GroupOutcome> ends = new HashMap<>();
        List<Prompt> open = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            open.add(live.draw());
            if (random.nextBoolean()) {
                Prompt ended = open.remove(random.nextInt(open.size()));
                GroupOutcome end = switch (random.nextInt(6)) {
                    case 0 -> trained(ended);
                    case 1 -> stale(ended);
                    default -> filtered(ended, random.nextInt(2));
                };
                ends.put(ended.getGroupId(), end);
                live.curriculum.ended(end);
            }
        }

        CaseCurriculum restarted = new CaseCurriculum(true, new CaseOrder(3, "pediatrics", CASES));
        List<Prompt> log = new ArrayList<>(live.prompts);
        Collections.shuffle(log, random);
        log.forEach(prompt -> restarted.prompted(prompt, -1));
        List<GroupOutcome> outcomes = new ArrayList<>(ends.values());
        Collections.shuffle(outcomes, random);
        outcomes.forEach(restarted::ended);

        for (int i = 0; i < 25; i++) {
            assertThat(restarted.take(0)).isEqualTo(live.curriculum.take(0));
        }
    }

    private static GroupOutcome filtered(Prompt prompt, double passRate) {
        return OUTCOMES.filtered(prompt.getGroupId(), "pediatrics", "test", passRate, 1);
    }

    private static GroupOutcome trained(Prompt prompt) {
        return OUTCOMES.trained(prompt.getGroupId(), "pediatrics", 1, 1);
    }

    private static GroupOutcome stale(Prompt prompt) {
        return OUTCOMES.untrained(prompt.getGroupId(), "pediatrics", Outcome.STALE, "test", 1);
    }

    /** Prompts that are drawn one after the other. */
    private static final class Drawing {
        private final CaseOrder order;
        private final CaseCurriculum curriculum;
        private final List<Prompt> prompts = new ArrayList<>();

        private Drawing(long seed, boolean byPassRate) {
            order = new CaseOrder(seed, "pediatrics", CASES);
            curriculum = new CaseCurriculum(byPassRate, order);
        }

        private Prompt draw() {
            long n = prompts.size();
            long position = curriculum.take(0);
            Prompt prompt = Prompt.newBuilder()
                    .setGroupId("pediatrics-" + n)
                    .setSpecialty("pediatrics")
                    .setCaseRef(new CaseRef("train.jsonl", "hash", order.caseId(position)))
                    .setCasePosition(position)
                    .setMembers(List.of())
                    .setSampling(new Sampling(1.0, 8))
                    .setGroupSeed(n)
                    .setDeadlineMs(1)
                    .setScoringConfigHash("hash")
                    .setAdmittedAtVersion(0)
                    .setCreatedMs(1)
                    .build();
            prompts.add(prompt);
            curriculum.prompted(prompt, n);
            return prompt;
        }
    }
}
