package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.rollout.scheduler.AdmissionController.OpenGroup;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.testing.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.avro.specific.SpecificRecord;

@SuppressWarnings("NullAway.Init") // jqwik fills the field
class SchedulerSnapshotTest {
    private static final List<String> SPECIALTIES = List.of("pediatrics", "adult_medicine");
    private static final SchedulerConfig CONFIG = SchedulerConfigs.byPassRate(3, 1, 6);
    private static final ValidationPlan VALIDATION = new ValidationPlan(2, 3, List.of(Perspective.ANALYTICAL));
    private static final SortedMap<String, String> TOPICS = new TreeMap<>(Map.of("prompts", "id"));

    private static Path data;

    @BeforeContainer
    static void makeCases() throws IOException {
        data = Files.createTempDirectory("snapshot");
        Clinic.write(data, new ClinicSettings(3, .3, 5, 4, 0));
    }

    @AfterContainer
    static void deleteCases() {
        RunDirectory.delete(data);
    }

    @Property(tries = 60)
    void givenASnapshotAnywhereWhenTheRestIsReadWithSomeOfItTwiceThenTheBooksAreTheSame(@ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        Books books = new Books();
        List<SpecificRecord> log = new ArrayList<>();
        int before = random.nextInt(60);
        int after = random.nextInt(60);
        for (int step = 0; step < before; step++) {
            books.write(random, log);
        }
        Path file = data.resolve("books-" + Long.toHexString(seed) + ".json");
        books.snapshot().write(file);
        int next = Math.max(0, log.size() - random.nextInt(10));

        for (int step = 0; step < after; step++) {
            books.write(random, log);
        }
        Books restored = new Books();
        restored.restore(SchedulerSnapshot.read(file, TOPICS).orElseThrow());
        log.subList(next, log.size()).forEach(restored::enter);
        Books fromTheBeginning = new Books();
        log.forEach(fromTheBeginning::enter);

        assertThat(restored.snapshot()).isEqualTo(books.snapshot());
        assertThat(fromTheBeginning.snapshot()).isEqualTo(books.snapshot());
        assertThat(restored.next()).as("what would be admitted next").isEqualTo(books.next());
    }

    @Example
    void givenNoneAnotherLogsAnotherFormatsOrHalfAFileWhenReadThenThereIsNone() throws IOException {
        Path file = data.resolve("deeper").resolve("scheduler.json");
        assertThat(SchedulerSnapshot.read(file, TOPICS)).isEmpty();

        new Books().snapshot().write(file);

        assertThat(SchedulerSnapshot.read(file, TOPICS)).isPresent();
        assertThat(SchedulerSnapshot.read(file, new TreeMap<>(Map.of("prompts", "another"))))
                .isEmpty();
        String text = Files.readString(file);
        Files.writeString(file, text.replace("\"format\":2", "\"format\":1"));
        assertThat(SchedulerSnapshot.read(file, TOPICS)).isEmpty();
        Files.writeString(file, text.substring(0, text.length() / 2));
        assertThat(SchedulerSnapshot.read(file, TOPICS)).isEmpty();
    }

    @Example
    void givenManyGroupsThatHaveEndedWhenKeptThenTheyTakeNoRoom() throws IOException {
        Books books = new Books();
        Path few = data.resolve("few.json");
        Path many = data.resolve("many.json");
        for (int n = 0; n < 5000; n++) {
            if (n == 50) {
                books.snapshot().write(few);
            }
            Prompt prompt = books.plan.prompt("pediatrics", n, 0, 0, 1);
            books.enter(prompt);
            // Only versions of even numbers are examined.
            books.enter(PolicyUpdate.newBuilder(RunRecords.update("pediatrics", 2L * n + 1, 1, 1))
                    .setGroupIds(List.of(prompt.getGroupId()))
                    .build());
            books.enter(outcome(prompt.getGroupId(), "pediatrics", Outcome.TRAINED, 0.5));
        }
        books.snapshot().write(many);

        assertThat(Files.size(many)).isLessThan(Files.size(few) + 2000);
    }

    private static GroupOutcome outcome(String groupId, String specialty, Outcome how, double passRate) {
        OutcomeFactory outcomes = new OutcomeFactory("test");
        GroupOutcome outcome = how == Outcome.TRAINED
                ? outcomes.trained(groupId, specialty, 1, 1)
                : outcomes.untrained(groupId, specialty, how, "test", 1);
        return GroupOutcome.newBuilder(outcome).setPassRate(passRate).build();
    }

    /** A scheduler's books, and a run that they are of, whose parts act in any order. */
    private static final class Books {
        private final CaseLibrary library = new CaseLibrary(data);
        private final PromptStamp stamp = new PromptStamp(CONFIG, "scoring");
        private final PromptPlan plan = new PromptPlan(
                stamp, ConsolidationPlan.NONE, library.file(CaseLibrary.TRAINING_FILE), PolicyTable.of(SPECIALTIES));
        private final ExaminationPrompts examinations = new ExaminationPrompts(stamp, VALIDATION, library, SPECIALTIES);
        private final Map<String, Pace> paces = Pace.of(SPECIALTIES, CONFIG, ConsolidationPlan.NONE);
        private final SchedulerState state = new SchedulerState(
                new Rounds(1, round -> RoundBooks.of(CONFIG, paces)), plan::ended, examinations.book());
        private final Map<String, Long> versions = new HashMap<>();

        Books() {
            state.current();
        }

        void enter(SpecificRecord record) {
            if (record instanceof Prompt prompt) {
                if (!state.knows(prompt)) {
                    if (!prompt.getPurpose().equals(Purpose.VALIDATION)) {
                        plan.written(prompt);
                    }
                    state.enter(prompt);
                }
            } else if (record instanceof PolicyUpdate update) {
                state.enter(update);
            } else {
                state.enter((GroupOutcome) record);
            }
        }

        /** What the scheduler, a learner or the advantage stream does next. */
        void write(Random random, List<SpecificRecord> log) {
            String policy = SPECIALTIES.get(random.nextInt(SPECIALTIES.size()));
            List<OpenGroup> open = new ArrayList<>(state.leftOver());
            open.addAll(state.current().open());
            open.addAll(state.examinations().open());
            Collections.shuffle(open, random);
            List<SpecificRecord> written = new ArrayList<>();
            switch (random.nextInt(4)) {
                case 0 -> {
                    long version = versions.merge(policy, 1L, Long::sum) - 1;
                    List<String> trained = open.stream()
                            .filter(group -> group.policy().equals(policy)
                                    && !group.groupId().contains("@"))
                            .map(OpenGroup::groupId)
                            .limit(version == 0 ? 0 : 3)
                            .toList();
                    written.add(PolicyUpdate.newBuilder(RunRecords.update(policy, version, 1, 1))
                            .setGroupIds(trained)
                            .setFinalVersion(version >= 6)
                            .build());
                    trained.forEach(id -> written.add(outcome(id, policy, Outcome.TRAINED, 0.5)));
                }
                case 1 -> {
                    if (state.current().admissible(policy) > 0) {
                        written.add(plan.prompt(
                                policy, state.prompts(policy), state.current().version(policy), 0, 1));
                    }
                }
                case 2 -> state.examinations().toPut(3).forEach(group -> written.add(examinations.prompt(group, 1)));
                default ->
                    open.stream()
                            .limit(2)
                            .forEach(group -> written.add(outcome(
                                    group.groupId(),
                                    group.specialty(),
                                    group.groupId().contains("@") ? Outcome.EXAMINED : Outcome.FILTERED,
                                    random.nextInt(2))));
            }
            written.forEach(record -> {
                enter(record);
                log.add(record);
            });
        }

        SchedulerSnapshot snapshot() {
            return new SchedulerSnapshot(
                    SchedulerSnapshot.FORMAT,
                    TOPICS,
                    Map.of("prompts", new TreeMap<>(Map.of(0, 7L))),
                    state.rounds().content(),
                    plan.content(),
                    state.examinations().content());
        }

        void restore(SchedulerSnapshot snapshot) {
            state.rounds().restore(snapshot.rounds(), (round, books) -> RoundBooks.of(CONFIG, paces, books));
            plan.restore(snapshot.prompts());
            state.examinations().restore(snapshot.examinations());
        }

        List<Prompt> next() {
            return SPECIALTIES.stream()
                    .map(policy -> plan.prompt(policy, state.prompts(policy), 1, 0, 1))
                    .toList();
        }
    }
}
