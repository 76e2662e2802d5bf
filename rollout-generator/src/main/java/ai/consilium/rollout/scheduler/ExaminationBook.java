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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The scheduler's books of examinations, apart from those of training: which questions are still to be put, which are open, how
 * each version did. Records may be entered in any order and more than once. One thread only.
 */
final class ExaminationBook {
    private final ValidationPlan plan;
    private final Map<String, Integer> cases;
    private final Examinations results = new Examinations();
    private final Set<ExaminedGroup> toPut = new LinkedHashSet<>();
    private final Set<String> prompted = new HashSet<>();
    private final Set<String> ended = new HashSet<>();
    private final Map<String, OpenGroup> open = new LinkedHashMap<>();
    private final List<Examined> fresh = new ArrayList<>();

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

    /** A version stands in the log. */
    void published(PolicyUpdate update) {
        if (plan.examines(update)) {
            String policy = update.getSpecialty();
            for (String perspective : plan.asked()) {
                for (int place = 0; place < cases.getOrDefault(policy, 0); place++) {
                    ExaminedGroup group = new ExaminedGroup(policy, update.getVersion(), place, perspective);
                    if (!prompted.contains(group.id())) {
                        toPut.add(group);
                    }
                }
            }
        }
    }

    /** A prompt of an examination stands in the log. */
    void prompted(OpenGroup group) {
        if (prompted.add(group.groupId())) {
            toPut.removeIf(put -> put.id().equals(group.groupId()));
            if (!ended.contains(group.groupId())) {
                open.put(group.groupId(), group);
            }
        }
    }

    /** A group ended. @return whether it was part of an examination */
    boolean ended(GroupOutcome outcome) {
        ExaminedGroup group = ExaminedGroup.of(outcome).orElse(null);
        if (group == null) {
            return false;
        }
        open.remove(group.id());
        ended.add(group.id());
        if (results.add(outcome)) {
            int answered = cases.getOrDefault(group.policy(), 0);
            if (results.ended(group.policy(), group.version()) == plan.questions(answered)) {
                fresh.add(
                        new Examined(group.policy(), group.version(), results.marks(group.policy(), group.version())));
            }
        }
        return true;
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
