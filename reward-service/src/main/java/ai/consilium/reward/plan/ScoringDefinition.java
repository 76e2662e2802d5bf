package ai.consilium.reward.plan;

import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.ScoringConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What groups are scored by: made from the configuration once, carried by the {@code scoring-configs} topic, and made
 * again from there by every reward service. The hash in a prompt names it, so nobody changes it afterwards.
 */
public final class ScoringDefinition {
    private static final int FORMAT = 1;

    /** The body of a scoring configuration. */
    private record Body(
            int format, String estimator, SortedMap<String, Double> parameters, List<ScorerDefinition> scorers) {
        Body {
            if (format != FORMAT) {
                throw new IllegalArgumentException("format " + format + " is not " + FORMAT);
            }
            parameters = new TreeMap<>(Objects.requireNonNull(parameters, "parameters are missing"));
            scorers = List.copyOf(Objects.requireNonNull(scorers, "scorers are missing"));
        }
    }

    private final Body body;
    private final ScoringConfig config;

    private ScoringDefinition(Body body) {
        this.body = body;
        String json = CanonicalJson.write(body);
        this.config = new ScoringConfig(
                DigestUtils.sha256Hex(json),
                body.estimator(),
                Map.copyOf(body.parameters()),
                body.scorers().stream().map(ScorerDefinition::ref).toList(),
                json);
    }

    /**
     * From the configuration.
     *
     * @param base directory that paths of rubric files are relative to
     * @param answer how answers are found
     * @param ends what ends a completion of the run's model
     * @throws UsageException naming file, line and field of a rubric that cannot be used
     */
    public static ScoringDefinition of(RewardConfig config, Path base, Grading.Mode answer, EndTokens ends) {
        ScorerType.Surroundings surroundings = new ScorerType.Surroundings(base, config.http(), answer, ends);
        List<ScorerDefinition> scorers = config.scorers().stream()
                .map(scorer -> ScorerDefinition.of(scorer, surroundings))
                .toList();
        SortedMap<String, Double> parameters = new TreeMap<>(config.advantage().parameters());
        return new ScoringDefinition(new Body(FORMAT, config.advEstimator(), parameters, scorers));
    }

    /**
     * From a record of the log.
     *
     * @throws IllegalArgumentException when its body does not have its hash, or cannot be read
     */
    public static ScoringDefinition of(ScoringConfig record) {
        String hash = DigestUtils.sha256Hex(record.getBody());
        if (!hash.equals(record.getHash())) {
            throw new IllegalArgumentException(
                    "scoring configuration " + record.getHash() + " holds a body whose hash is " + hash);
        }
        ScoringDefinition plan = new ScoringDefinition(CanonicalJson.read(record.getBody(), Body.class));
        if (!plan.config.equals(record)) {
            throw new IllegalArgumentException("scoring configuration " + hash
                    + " was written by another version of Consilium: its scorers do not match its body");
        }
        return plan;
    }

    /** As it is written to the log. */
    public ScoringConfig config() {
        return config;
    }

    /** Names it: SHA-256 of the canonical body, hex. */
    public String hash() {
        return config.getHash();
    }

    public List<ScorerDefinition> scorers() {
        return body.scorers();
    }

    /** One scorer alone, to be tried. */
    public ScoringDefinition only(ScorerDefinition scorer) {
        return with(List.of(scorer));
    }

    /** The same estimator over other scorers. */
    ScoringDefinition with(List<ScorerDefinition> scorers) {
        return new ScoringDefinition(new Body(body.format(), body.estimator(), body.parameters(), scorers));
    }
}
