package ai.consilium.reward.plan;

import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.plugin.PluginScorer;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerTypes;
import ai.consilium.schemas.ScorerRef;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A scorer as it stands in the body of a scoring configuration: everything that is needed to build it again elsewhere,
 * and no secret.
 *
 * @param name its name
 * @param perspective whose trajectories it scores; null for all
 * @param required whether a group waits for it
 * @param shadow reported only
 * @param how what it does
 */
public record ScorerDefinition(
        String name, @Nullable String perspective, boolean required, boolean shadow, ScorerType.Definition how) {
    public ScorerDefinition {
        Objects.requireNonNull(name, "name is missing");
        Objects.requireNonNull(how, "how is missing");
    }

    /**
     * From the configuration.
     *
     * @throws ai.consilium.platform.UsageException naming what cannot be used, for example a rubric's file, line and field
     */
    public static ScorerDefinition of(ScorerConfig scorer, ScorerType.Surroundings surroundings) {
        ScorerType.Defined defined = scorer.keys().define(surroundings);
        return new ScorerDefinition(
                scorer.name(), defined.perspective(), scorer.isRequired(), scorer.isShadow(), defined.definition());
    }

    /**
     * Content hash of what gives the score: being required or a shadow changes no score. The type is not in it, so that
     * accuracy and format have one in common, and a scorer is known by its name and version. It stays so: every recorded
     * configuration names these hashes, and one whose scorers do not match its body is refused.
     */
    public String version() {
        Map<String, Object> scores =
                new TreeMap<>(Map.of("how", how, "perspective", perspective == null ? "" : perspective));
        ScorerTypes.plugin(how).ifPresent(jars -> scores.put("plugin", jars));
        return DigestUtils.sha256Hex(CanonicalJson.write(scores));
    }

    /**
     * Makes the scorer. One of a plug-in has a deadline, for what it does is not ours.
     *
     * @throws IllegalArgumentException when a plug-in's cannot be made
     */
    public Scorer scorer(ScorerType.Resources resources) {
        try {
            Scorer scorer = how.scorer(new ScorerType.Identity(name, perspective, version()), resources);
            return ScorerTypes.plugin(how).isPresent() ? new PluginScorer(scorer, resources.pluginTimeout()) : scorer;
        } catch (LinkageError broken) {
            throw new IllegalArgumentException("scorer " + name + " cannot be made: " + broken, broken);
        }
    }

    /** Active, or else a shadow: what is neither required nor called a shadow is reported only, too. */
    public ScorerState state() {
        return required && !shadow ? ScorerState.ACTIVE : ScorerState.SHADOW;
    }

    /** The same under a name, active or a shadow. */
    ScorerDefinition as(String newName, boolean active) {
        return new ScorerDefinition(newName, perspective, active, !active, how);
    }

    /** As the record of a scoring configuration names it. */
    ScorerRef ref() {
        ScorerRef.Builder ref = ScorerRef.newBuilder()
                .setName(name)
                .setVersion(version())
                .setComponent(how.component())
                .setRequired(required)
                .setShadow(shadow)
                .setExternal(how.external());
        return perspective == null
                ? ref.build()
                : ref.setPerspective(perspective).build();
    }
}
