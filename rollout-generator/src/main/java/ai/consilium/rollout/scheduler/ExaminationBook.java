package ai.consilium.rollout.scheduler;

import ai.consilium.platform.examination.ExaminationFigures;
import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.rollout.scheduler.AdmissionController.OpenGroup;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's books of examinations, apart from those of training: which questions are still to be put, which are open, how
 * each version did. Records may be entered in any order and more than once. A version whose questions have all come to an end takes
 * next to no memory. One thread only.
 */
final class ExaminationBook {
    private final ValidationPlan plan;
    private final Map<String, Integer> cases;
    private final Examinations results = new Examinations();
    private final Set<ExaminedGroup> toPut = new LinkedHashSet<>();
    private final Set<String> prompted = new HashSet<>();
    private final Map<String, Answer> ended = new LinkedHashMap<>();
    private final Map<String, OpenGroup> open = new LinkedHashMap<>();
    private final List<Examined> fresh = new ArrayList<>();
    private final Map<String, Examined> newest = new TreeMap<>();
    private final Map<String, SortedSet<Long>> done = new TreeMap<>();

    /** How a question ended. @param right how right the answer is, 0..1; null where it was not examined */
    record Answer(@Nullable Double right) {
        static Answer of(GroupOutcome outcome) {
            OptionalDouble right = Examinations.answer(outcome);
            return new Answer(right.isPresent() ? right.getAsDouble() : null);
        }

        OptionalDouble judged() {
            return right == null ? OptionalDouble.empty() : OptionalDouble.of(right);
        }
    }

    /**
     * What the book holds.
     *
     * @param toPut questions that are to be put
     * @param prompted groups of those that were put, of versions that are not done
     * @param ended those of them that ended, by group
     * @param open those of them that did not
     * @param newest examined version of each policy
     * @param done versions of which every question has come to an end, by policy
     */
    record Content(
            List<ExaminedGroup> toPut,
            Set<String> prompted,
            Map<String, Answer> ended,
            List<OpenGroup> open,
            Map<String, Examined> newest,
            Map<String, SortedSet<Long>> done) {}

    /** A version of which every question has come to an end. */
    record Examined(String policy, long version, SortedMap<String, Examinations.Mark> marks) {
        /** Without a guideline. */
        Examinations.Mark unguided() {
            return Objects.requireNonNull(marks.get(ExaminedGroup.UNGUIDED));
        }

        /** One sentence for people. */
        String told() {
            String who = policy + ": version " + version;
            Examinations.Mark mark = unguided();
            return mark.examined() == 0
                    ? who + " could not be examined on any of " + mark.ended() + " validation cases"
                    : String.format(
                            Locale.ROOT,
                            "%s answers %.1f %% of %d validation cases right%s",
                            who,
                            100 * mark.accuracy(),
                            mark.examined(),
                            guided());
        }

        private String guided() {
            return marks.entrySet().stream()
                    .filter(of -> !of.getKey().equals(ExaminedGroup.UNGUIDED)
                            && of.getValue().examined() > 0)
                    .map(of -> String.format(
                            Locale.ROOT,
                            ", %s %.1f %%",
                            of.getKey(),
                            100 * of.getValue().accuracy()))
                    .collect(Collectors.joining());
        }

        /** As figures, by name. */
        Map<String, Double> figures() {
            return ExaminationFigures.accuracies(marks);
        }
    }

    /** @param cases that a version answers, by policy */
    ExaminationBook(ValidationPlan plan, Map<String, Integer> cases) {
        this.plan = plan;
        this.cases = Map.copyOf(cases);
    }

    /** Takes what another held; the newest results are told again. */
    void restore(Content content) {
        toPut.addAll(content.toPut());
        prompted.addAll(content.prompted());
        content.ended().forEach((id, answer) -> {
            ended.put(id, answer);
            ExaminedGroup.of(id).ifPresent(group -> results.add(group, answer.judged()));
        });
        content.open().forEach(group -> open.put(group.groupId(), group));
        newest.putAll(content.newest());
        content.done().forEach((policy, versions) -> done.put(policy, new TreeSet<>(versions)));
        fresh.addAll(newest.values());
    }

    /** What it holds. */
    Content content() {
        Map<String, SortedSet<Long>> over = new TreeMap<>();
        done.forEach((policy, versions) -> over.put(policy, new TreeSet<>(versions)));
        return new Content(
                List.copyOf(toPut),
                new TreeSet<>(prompted),
                new LinkedHashMap<>(ended),
                List.copyOf(open.values()),
                new TreeMap<>(newest),
                over);
    }

    /** A version stands in the log. */
    void published(PolicyUpdate update) {
        String policy = update.getSpecialty();
        if (plan.examines(update) && !isDone(policy, update.getVersion())) {
            questions(policy, update.getVersion()).stream()
                    .filter(group -> !prompted.contains(group.id()))
                    .forEach(toPut::add);
        }
    }

    private List<ExaminedGroup> questions(String policy, long version) {
        List<ExaminedGroup> questions = new ArrayList<>();
        for (String perspective : plan.asked()) {
            for (int place = 0; place < cases.getOrDefault(policy, 0); place++) {
                questions.add(new ExaminedGroup(policy, version, place, perspective));
            }
        }
        return questions;
    }

    /** Whether a prompt of an examination was entered. */
    boolean knows(String groupId) {
        return prompted.contains(groupId) || ofDone(groupId);
    }

    /** A prompt of an examination stands in the log. */
    void prompted(OpenGroup group) {
        if (!ofDone(group.groupId()) && prompted.add(group.groupId())) {
            toPut.removeIf(put -> put.id().equals(group.groupId()));
            if (!ended.containsKey(group.groupId())) {
                open.put(group.groupId(), group);
            }
        }
    }

    /** A group ended. @return whether it was part of an examination */
    boolean ended(GroupOutcome outcome) {
        Optional<ExaminedGroup> question = ExaminedGroup.of(outcome);
        if (question.isPresent()
                && !isDone(question.get().policy(), question.get().version())) {
            answered(question.get(), Answer.of(outcome));
        }
        return question.isPresent();
    }

    private void answered(ExaminedGroup group, Answer answer) {
        open.remove(group.id());
        if (ended.putIfAbsent(group.id(), answer) == null) {
            results.add(group, answer.judged());
            int answered = cases.getOrDefault(group.policy(), 0);
            if (results.ended(group.policy(), group.version()) == plan.questions(answered)) {
                close(group.policy(), group.version());
            }
        }
    }

    private void close(String policy, long version) {
        Examined examined = new Examined(policy, version, results.marks(policy, version));
        fresh.add(examined);
        newest.merge(policy, examined, (a, b) -> a.version() > b.version() ? a : b);
        done.computeIfAbsent(policy, none -> new TreeSet<>()).add(version);
        questions(policy, version).forEach(group -> {
            toPut.remove(group);
            prompted.remove(group.id());
            ended.remove(group.id());
            open.remove(group.id());
        });
        results.forget(policy, version);
    }

    private boolean ofDone(String groupId) {
        return ExaminedGroup.of(groupId)
                .filter(group -> isDone(group.policy(), group.version()))
                .isPresent();
    }

    private boolean isDone(String policy, long version) {
        return done.getOrDefault(policy, Collections.emptySortedSet()).contains(version);
    }

    /** Questions to put now. @param most at most so many */
    List<ExaminedGroup> toPut(int most) {
        return toPut.stream().limit(most).toList();
    }

    /** Versions whose examination has ended since this was last asked. */
    List<Examined> takeExamined() {
        List<Examined> taken = List.copyOf(fresh);
        fresh.clear();
        return taken;
    }

    /** Whether every question that is to be put was put, and has ended. */
    boolean settled() {
        return toPut.isEmpty() && open.isEmpty();
    }

    /** Questions to a policy without an end. */
    long openCount(String policy) {
        return open.values().stream()
                .filter(group -> group.policy().equals(policy))
                .count();
    }

    /** Questions without an end. */
    Collection<OpenGroup> open() {
        return List.copyOf(open.values());
    }
}
