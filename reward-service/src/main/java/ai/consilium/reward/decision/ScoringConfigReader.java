package ai.consilium.reward.decision;

import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.schemas.ScoringConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The plans that the log has shown, by hash. A trajectory may overtake the record of its plan, since they are in different
 * topics: then it is asked for again, for a while. One thread only.
 */
public final class ScoringConfigReader {
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Function<Duration, List<ScoringConfig>> log;
    private final Function<ScoringDefinition, ScorerPanel> build;
    private final Duration patience;
    private final Map<String, ScorerPanel> panels = new HashMap<>();
    private final Map<String, String> refused = new HashMap<>();
    /** By {@link System#nanoTime()}. */
    private final Map<String, Long> waitedForSince = new HashMap<>();

    private final Set<String> givenUp = new HashSet<>();

    /**
     * An empty catalogue.
     *
     * @param log the next records of {@code scoring-configs}, waited for as long as it is told
     * @param build makes a plan's scorers
     * @param patience how long an unknown hash is waited for, once
     */
    public ScoringConfigReader(
            Function<Duration, List<ScoringConfig>> log,
            Function<ScoringDefinition, ScorerPanel> build,
            Duration patience) {
        this.log = log;
        this.build = build;
        this.patience = patience;
    }

    /**
     * The scorers of a plan; empty while its record may still come. Looks on the log for a tenth of a second.
     *
     * @throws UnscorableException when the plan cannot be used, or did not come in time (a hash that was once waited for in
     *     vain is not waited for again, or a stray one would hold up the whole log)
     */
    public Optional<ScorerPanel> find(String hash) throws UnscorableException {
        Optional<ScorerPanel> known = known(hash);
        while (known.isEmpty() && read()) {
            known = known(hash);
        }
        if (known.isPresent()) {
            waitedForSince.remove(hash);
            return known;
        }
        long since = waitedForSince.computeIfAbsent(hash, first -> System.nanoTime());
        if (givenUp.contains(hash) || System.nanoTime() - since >= patience.toNanos()) {
            waitedForSince.remove(hash);
            givenUp.add(hash);
            throw new UnscorableException("scoring configuration " + hash + " is not on the log");
        }
        return Optional.empty();
    }

    private Optional<ScorerPanel> known(String hash) throws UnscorableException {
        String problem = refused.get(hash);
        if (problem != null) {
            throw new UnscorableException(problem);
        }
        return Optional.ofNullable(panels.get(hash));
    }

    private boolean read() {
        List<ScoringConfig> records = log.apply(LOOK);
        for (ScoringConfig record : records) {
            try {
                panels.computeIfAbsent(record.getHash(), hash -> build.apply(ScoringDefinition.of(record)));
            } catch (IllegalArgumentException unusable) {
                refused.put(record.getHash(), String.valueOf(unusable.getMessage()));
            }
        }
        return !records.isEmpty();
    }
}
