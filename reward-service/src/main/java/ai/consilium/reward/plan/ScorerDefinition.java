package ai.consilium.reward.plan;

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

    /** Content hash of what gives the score: being required or a shadow changes no score. */
    public String version() {
        Map<String, Object> scores =
                new TreeMap<>(Map.of("how", how, "perspective", perspective == null ? "" : perspective));
        ScorerTypes.plugin(how).ifPresent(jars -> scores.put("plugin", jars));
        return DigestUtils.sha256Hex(CanonicalJson.write(scores));
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
