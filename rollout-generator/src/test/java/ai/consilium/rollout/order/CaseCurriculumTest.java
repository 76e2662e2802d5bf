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

    private final CaseOrder order = new CaseOrder(3, "pediatrics", CASES);
    private final CaseCurriculum curriculum = new CaseCurriculum(true, order);
    private final List<Prompt> prompts = new ArrayList<>();

    @Test
    void givenACaseThatEveryAnswerGotRightThenItSitsOutTwoEpochsAndOneThatAllGotWrongOne() {
        String easy = CASES.get(4);
        String hard = CASES.get(7);

        List<String> drawn = new ArrayList<>();
        for (int i = 0; i < 10 + 8 + 9 + 10; i++) {
            Prompt prompt = draw();
            String id = prompt.getCaseRef().getId();
            drawn.add(id);
            curriculum.ended(
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
            Prompt prompt = draw();
            boolean at = prompt.getCaseRef().getId().equals(hard);
            if (at) {
                epochs.add(order.epoch(prompt.getCasePosition()));
            }
            curriculum.ended(at && epochs.size() != 8 ? filtered(prompt, 0) : trained(prompt));
        }

        // Sat out: 1, 2, 4, 8, 16 and not more; then, when it had taught, none, 1 and 2.
        assertThat(epochs.subList(0, 11)).containsExactly(0L, 2L, 5L, 10L, 19L, 36L, 53L, 70L, 71L, 73L, 76L);
    }

    /** Several of its groups may be under way when it begins to rest. */
    @Test
    void givenAGroupThatWasTooOldThenItsCaseRestsOn() {
        List<Prompt> drawn = IntStream.range(0, 20).mapToObj(i -> draw()).toList();
        String hard = drawn.get(3).getCaseRef().getId();
        for (Prompt prompt : drawn) {
            boolean at = prompt.getCaseRef().getId().equals(hard);
            curriculum.ended(
                    !at ? trained(prompt) : prompt.getCasePosition() < 10 ? filtered(prompt, 1) : stale(prompt));
        }

        assertThat(IntStream.range(0, 9).mapToObj(i -> draw().getCaseRef().getId()))
                .doesNotContain(hard);
    }

    @Test
    void givenEveryCaseRestsThenTheNextIsDrawnNevertheless() {
        for (int i = 0; i < 40; i++) {
            curriculum.ended(filtered(draw(), 1));
        }

        assertThat(prompts.subList(10, 40)).extracting(Prompt::getCasePosition).doesNotHaveDuplicates();
    }

    @Test
    void givenNoCurriculumThenPlacesFollowOneAnother() {
        CaseCurriculum none = new CaseCurriculum(false, order);
        for (long i = 0; i < 30; i++) {
            assertThat(none.take(0)).isEqualTo(i);
            Prompt prompt = prompt(i, i);
            none.prompted(prompt, i);
            none.ended(filtered(prompt, 1));
        }
    }

    /** A restart draws what the same scheduler would have drawn. */
    @Property(tries = 200)
    void givenTheLogInAnyOrderThenARestartGoesOnAlike(@ForAll long seed, @ForAll @IntRange(max = 60) int groups) {
        CaseCurriculumTest live = new CaseCurriculumTest();
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

    private Prompt draw() {
        long n = prompts.size();
        Prompt prompt = prompt(n, curriculum.take(0));
        prompts.add(prompt);
        curriculum.prompted(prompt, n);
        return prompt;
    }

    private Prompt prompt(long n, long position) {
        return Prompt.newBuilder()
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
}
