package ai.consilium.rollout.scheduler;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Groups that ended without training since their policy's newest version. A run whose rewards no longer tell the samples of a
 * group apart, or whose groups nobody finishes, would go on for ever; this is how it is noticed. What verl calls
 * {@code max_num_gen_batches}, for each batch that may be under way. Records may be entered in any order. One thread only.
 */
final class NoProgressGuard {
    /** Share of its groups that an expert must know for its rewards to be believed: where none is right, they may be broken. */
    private static final double LEAST_RIGHT = 0.1;

    private final int maxUntrainedBatches;
    private final Map<String, Pace> paces;
    private final Map<String, Long> newest = new HashMap<>();
    private final Map<String, List<Untrained>> since = new TreeMap<>();

    /** A group that ended without training. @param passRate share of right answers where it ended for want of a signal, or null */
    record Untrained(
            String groupId,
            Outcome outcome,
            String reason,
            long createdMs,
            @Nullable Double passRate) {
        static Untrained of(GroupOutcome outcome) {
            return new Untrained(
                    outcome.getGroupId(),
                    outcome.getOutcome(),
                    outcome.getReason(),
                    outcome.getCreatedMs(),
                    outcome.getPassRate());
        }

        /** Whether it was filtered with all of its samples as right as this. */
        boolean all(double right) {
            return outcome == Outcome.FILTERED && passRate != null && passRate == right;
        }
    }

    /**
     * A policy that gets no further.
     *
     * @param settled whether that is because all samples of most of its groups are alike, rightly or wrongly, and rewards are not to blame,
     *     since they call enough of them right
     * @param told what its groups ended as, for people
     */
    record Standstill(String policy, boolean settled, String told) {}

    /**
     * What it knows.
     *
     * @param newest when the newest version was made, by policy
     * @param since groups that ended untrained since then
     */
    record Content(Map<String, Long> newest, Map<String, List<Untrained>> since) {}

    /** @param paces of the policies that are trained */
    NoProgressGuard(int maxUntrainedBatches, Map<String, Pace> paces) {
        this.maxUntrainedBatches = maxUntrainedBatches;
        this.paces = paces;
    }

    /** One that knows what another knew. */
    NoProgressGuard(int maxUntrainedBatches, Map<String, Pace> paces, Content content) {
        this(maxUntrainedBatches, paces);
        newest.putAll(content.newest());
        content.since().forEach((policy, groups) -> since.put(policy, new ArrayList<>(groups)));
    }

    /** What it knows. */
    Content content() {
        Map<String, List<Untrained>> groups = new TreeMap<>();
        since.forEach((policy, of) -> groups.put(policy, List.copyOf(of)));
        return new Content(Map.copyOf(newest), groups);
    }

    /** A version was published; after the final one nothing need be trained. */
    void enter(PolicyUpdate update) {
        long made = update.getFinalVersion() ? Long.MAX_VALUE : update.getCreatedMs();
        long last = newest.merge(update.getSpecialty(), made, Math::max);
        of(update.getSpecialty()).removeIf(group -> group.createdMs() < last);
    }

    /**
     * A group ended.
     *
     * @param policy that would have been trained on it
     */
    void enter(GroupOutcome outcome, String policy) {
        if (maxUntrainedBatches == 0) {
            return;
        }
        boolean untrained = switch (outcome.getOutcome()) {
            case FILTERED, REJECTED, ABANDONED -> true;
            // Where what is too old is dropped, staleness says that sampling is busy.
            case STALE -> !pace(policy).drops();
            case TRAINED, UNUSED, EXAMINED -> false;
        };
        if (untrained && outcome.getCreatedMs() >= newest.getOrDefault(policy, Long.MIN_VALUE)) {
            of(policy).add(Untrained.of(outcome));
        }
    }

    /** Policies of which there are more such groups than {@code max_untrained_batches} allows. */
    List<Standstill> standstills() {
        return since.entrySet().stream()
                .filter(entry -> maxUntrainedBatches > 0 && entry.getValue().size() >= most(entry.getKey()))
                .map(entry -> standstill(entry.getKey(), entry.getValue()))
                .toList();
    }

    private long most(String policy) {
        return maxUntrainedBatches * pace(policy).mostOpen();
    }

    private Pace pace(String policy) {
        return java.util.Objects.requireNonNull(paces.get(policy), policy);
    }

    private Standstill standstill(String policy, List<Untrained> groups) {
        long right = groups.stream().filter(group -> group.all(1)).count();
        long wrong = groups.stream().filter(group -> group.all(0)).count();
        if (2 * (right + wrong) > groups.size() && right >= LEAST_RIGHT * groups.size()) {
            return new Standstill(
                    policy,
                    true,
                    "of %d groups in a row none could be trained on; in %d all samples were right, in %d all were wrong"
                            .formatted(groups.size(), right, wrong));
        }
        Map<Outcome, Long> counts =
                groups.stream().collect(Collectors.groupingBy(Untrained::outcome, TreeMap::new, Collectors.counting()));
        String ends = counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey().name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        Untrained last = groups.get(groups.size() - 1);
        return new Standstill(
                policy,
                false,
                policy + ": " + groups.size() + " groups in a row ended untrained (" + ends + "; the last, "
                        + last.groupId() + ": " + last.reason() + "). The limit is max_untrained_batches = "
                        + maxUntrainedBatches + " windows of " + pace(policy).mostOpen()
                        + " groups in flight; raise it, or set it to 0 for no limit, and continue with --resume");
    }

    private List<Untrained> of(String policy) {
        return since.computeIfAbsent(policy, p -> new ArrayList<>());
    }
}
