package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdmissionControllerTest {
    private static final List<String> SPECIALTIES = List.of("pediatrics", "adult_medicine");
    private static final List<Outcome> FREEING =
            List.of(Outcome.FILTERED, Outcome.REJECTED, Outcome.STALE, Outcome.ABANDONED);

    @Test
    void givenNoVersionWhenAskedThenNothingIsAdmitted() {
        AdmissionController book = SchedulerConfigs.books(SPECIALTIES, SchedulerConfigs.scheduler(3, 1, 10));

        assertThat(book.admissible("pediatrics")).isZero();
        assertThat(book.waitingFor()).contains("pediatrics: its first version");
    }

    @Test
    void givenAFilteredGroupAtNoStalenessWhenAskedThenItsSlotIsFree() {
        AdmissionController book = SchedulerConfigs.books(SPECIALTIES, SchedulerConfigs.scheduler(2, 0, 10));
        book.published("pediatrics", 0, false, List.of());
        book.prompted(group("g0", "pediatrics"));
        book.prompted(group("g1", "pediatrics"));
        assertThat(book.admissible("pediatrics")).isZero();

        book.ended("g0", Outcome.FILTERED);

        assertThat(book.admissible("pediatrics")).isEqualTo(1);
        assertThat(book.admissible("adult_medicine")).isZero();
    }

    @Test
    void givenConsolidationWhenTheMergedAgentComesThenItsUpdatesSinceThenSetThePace() {
        ConsolidationPlan consolidation = new ConsolidationPlan(3, 2, 1, 1, 1e-3, 1, 1, 0, "auto");
        AdmissionController book = new AdmissionController(
                Pace.of(List.of("pediatrics"), SchedulerConfigs.scheduler(1, 0, 1), consolidation));
        book.published("pediatrics", 0, false, List.of());
        // Nobody waits for the merge while an expert is trained.
        assertThat(book.admissible(Topics.UNIFIED)).isZero();
        book.published("pediatrics", 1, true, List.of());
        assertThat(book.over()).isFalse();
        assertThat(book.waitingFor()).contains("unified: its first version");

        book.begun(Topics.UNIFIED, 5);

        assertThat(book.admissible(Topics.UNIFIED)).isEqualTo(4);
        book.published(Topics.UNIFIED, 6, false, List.of());
        assertThat(book.admissible(Topics.UNIFIED)).isEqualTo(6);
        book.published(Topics.UNIFIED, 7, false, List.of());
        assertThat(book.admissible(Topics.UNIFIED)).isEqualTo(6);
        book.published(Topics.UNIFIED, 8, true, List.of());
        assertThat(book.over()).isTrue();
    }

    @Test
    void givenLessOfALeadWhenAskedThenGroupsAreOpenedThatMuchLater() {
        SchedulerConfig.Staleness half = new SchedulerConfig.Staleness("wait", 1, .5);
        AdmissionController book = SchedulerConfigs.books(SPECIALTIES, SchedulerConfigs.scheduler(3, 1, half, 10));
        book.published("pediatrics", 0, false, List.of());

        assertThat(book.admissible("pediatrics")).isEqualTo(3 + 2);

        book.published("pediatrics", 9, false, List.of());
        assertThat(book.admissible("pediatrics")).isEqualTo(10 * 3);
    }

    @Test
    void givenThatStaleGroupsAreDroppedWhenAskedThenOpenGroupsAloneCount() {
        SchedulerConfig.Staleness drop = new SchedulerConfig.Staleness("drop", 1.5, 1);
        AdmissionController book = SchedulerConfigs.books(SPECIALTIES, SchedulerConfigs.scheduler(2, 1, drop, 3));
        assertThat(book.admissible("pediatrics")).isZero();
        book.published("pediatrics", 0, false, List.of());
        for (int i = 0; i < 6; i++) {
            assertThat(book.admissible("pediatrics")).isEqualTo(6 - i);
            book.prompted(group("g" + i, "pediatrics"));
        }

        book.published("pediatrics", 1, false, List.of("g0", "g1"));
        book.ended("g2", Outcome.STALE);
        assertThat(book.admissible("pediatrics")).isEqualTo(3);

        book.published("pediatrics", 3, true, List.of());
        assertThat(book.admissible("pediatrics")).isZero();
    }

    @Test
    void givenTwoOutcomesOfAGroupWhenEnteredThenTheFirstCounts() {
        AdmissionController book = SchedulerConfigs.books(SPECIALTIES, SchedulerConfigs.scheduler(2, 0, 10));
        book.published("pediatrics", 0, false, List.of());
        book.prompted(group("g0", "pediatrics"));

        assertThat(book.ended("g0", Outcome.TRAINED)).isTrue();
        assertThat(book.ended("g0", Outcome.ABANDONED)).isFalse();

        assertThat(book.admissible("pediatrics")).isEqualTo(1);
    }

    @Test
    void givenTheLastUpdateBeforeItsOutcomesWhenAskedThenItsGroupsAreNotOpen() {
        AdmissionController book = SchedulerConfigs.books(List.of("pediatrics"), SchedulerConfigs.scheduler(1, 1, 1));
        book.published("pediatrics", 0, false, List.of());
        book.prompted(group("g0", "pediatrics"));
        book.prompted(group("g1", "pediatrics"));

        book.published("pediatrics", 1, true, List.of("g0"));

        assertThat(book.over()).isTrue();
        assertThat(book.open()).containsExactly(group("g1", "pediatrics"));
        assertThat(book.admissible("pediatrics")).isZero();
    }

    @Test
    void givenAnotherRunsSpecialtyWhenEnteredThenItIsRefusedByName() {
        AdmissionController book = SchedulerConfigs.books(SPECIALTIES, SchedulerConfigs.scheduler(1, 0, 1));

        assertThatThrownBy(() -> book.prompted(group("g0", "dentistry")))
                .hasMessage("the log has records of policy 'dentistry', but the run has [pediatrics, adult_medicine]");
    }

    @Property(tries = 300)
    void givenAnyRunWhenReadAgainThenItStaysWithinItsBoundEndsWithStepsTimesBatchAndIsTheSame(
            @ForAll @IntRange(min = 1, max = 5) int batchSize,
            @ForAll @IntRange(min = 0, max = 3) int maxOffPolicySteps,
            @ForAll @IntRange(min = 1, max = 6) int steps,
            @ForAll long seed) {
        Simulation run =
                new Simulation(SchedulerConfigs.scheduler(batchSize, maxOffPolicySteps, steps), new Random(seed));
        run.toTheEnd();

        assertThat(run.trained).isEqualTo((long) steps * batchSize);
        assertThat(run.book.open()).hasSize((int) run.book.openCount("pediatrics"));
        assertThat(run.book.openCount("pediatrics")).isEqualTo(run.open.size());
    }

    /** A scheduler and a learner that act in a random order; every record is kept and read again in any order. */
    private static final class Simulation {
        private final SchedulerConfig config;
        private final Random random;
        private final AdmissionController book;
        private final List<Consumer<AdmissionController>> log = new ArrayList<>();
        private final List<String> open = new ArrayList<>();
        private long version;
        private long trained;
        private long freed;
        private long prompts;

        Simulation(SchedulerConfig config, Random random) {
            this.config = config;
            this.random = random;
            this.book = SchedulerConfigs.books(List.of("pediatrics"), config);
            write(b -> b.published("pediatrics", 0, false, List.of()));
        }

        void toTheEnd() {
            while (!book.over()) {
                if (random.nextInt(4) == 0) {
                    end();
                }
                admit();
                if (open.size() >= config.plan().batchSize() && random.nextBoolean()) {
                    train();
                }
                readAgain();
            }
        }

        private void admit() {
            for (long left = book.admissible("pediatrics"); left > 0; left--) {
                String id = "g" + prompts++;
                open.add(id);
                write(b -> b.prompted(group(id, "pediatrics")));
            }
            assertThat(book.admissible("pediatrics")).isZero();
            long bound = Math.min(
                            config.plan().maxOffPolicySteps() + version + 1,
                            config.plan().steps())
                    * config.plan().batchSize();
            assertThat(prompts - freed).isLessThanOrEqualTo(bound);
        }

        private void end() {
            if (!open.isEmpty()) {
                String id = open.remove(random.nextInt(open.size()));
                Outcome outcome = FREEING.get(random.nextInt(FREEING.size()));
                freed++;
                write(b -> b.ended(id, outcome));
            }
        }

        private void train() {
            List<String> batch = List.copyOf(open.subList(0, config.plan().batchSize()));
            open.removeAll(batch);
            trained += batch.size();
            version++;
            long published = version;
            write(b -> b.published(
                    "pediatrics", published, published == config.plan().steps(), batch));
            batch.forEach(id -> write(b -> b.ended(id, Outcome.TRAINED)));
        }

        private void write(Consumer<AdmissionController> record) {
            log.add(record);
            record.accept(book);
        }

        private void readAgain() {
            List<Consumer<AdmissionController>> anyOrder = new ArrayList<>(log);
            Collections.shuffle(anyOrder, random);
            AdmissionController again = SchedulerConfigs.books(List.of("pediatrics"), config);
            anyOrder.forEach(record -> record.accept(again));
            log.forEach(record -> record.accept(again));
            assertThat(again.admissible("pediatrics")).isEqualTo(book.admissible("pediatrics"));
            assertThat(again.prompts("pediatrics")).isEqualTo(book.prompts("pediatrics"));
            assertThat(again.open()).containsExactlyInAnyOrderElementsOf(book.open());
            assertThat(again.over()).isEqualTo(book.over());
        }
    }

    private static AdmissionController.OpenGroup group(String id, String specialty) {
        return new AdmissionController.OpenGroup(id, specialty, specialty);
    }
}
