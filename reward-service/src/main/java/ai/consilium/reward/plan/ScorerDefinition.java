package ai.consilium.reward.plan;

import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.rubric.Rubric;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.ScorerRef;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
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
public record ScorerDefinition(String name, @Nullable String perspective, boolean required, boolean shadow, How how) {
    public ScorerDefinition {
        Objects.requireNonNull(name, "name is missing");
        Objects.requireNonNull(how, "how is missing");
    }

    /** What a scorer does. The built-in checks carry a revision that grows with every change of their code. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = AccuracyCheck.class, name = "accuracy"),
        @JsonSubTypes.Type(value = FormatCheck.class, name = "format"),
        @JsonSubTypes.Type(value = RubricCheck.class, name = "rubric"),
        @JsonSubTypes.Type(value = HttpCheck.class, name = "http")
    })
    public sealed interface How {}

    /** Strict answer extraction. */
    public record AccuracyCheck(int revision) implements How {}

    /** Think, answer, end of text. */
    record FormatCheck(int revision) implements How {}

    /** A rubric, whole. */
    public record RubricCheck(int revision, Rubric rubric) implements How {}

    /**
     * A remote scorer. It is known by its address only: whoever changes what answers there should change the address.
     *
     * @param url http or https
     * @param timeoutMs of one try, in milliseconds
     * @param retries tries after the first
     * @param backoffMs before the first retry, in milliseconds; doubles with each
     * @param maxReplyBytes a longer reply is refused
     * @param headersFromEnv environment variable by header
     */
    public record HttpCheck(
            String url,
            long timeoutMs,
            int retries,
            long backoffMs,
            int maxReplyBytes,
            SortedMap<String, String> headersFromEnv)
            implements How {
        public HttpCheck {
            RewardConfig.ScorerConfig.requireUrl(url);
            headersFromEnv = new TreeMap<>(headersFromEnv);
            RewardConfig.ScorerConfig.requireHeaders(headersFromEnv);
            RewardConfig.requireTimeout(java.time.Duration.ofMillis(timeoutMs));
            RewardConfig.requireRetries(retries);
        }
    }

    /** Which part of the advantage it feeds. */
    Component component() {
        if (how instanceof AccuracyCheck) {
            return Component.ACCURACY;
        }
        return how instanceof FormatCheck ? Component.FORMAT : Component.GUIDELINE;
    }

    /** Content hash of what gives the score: being required or a shadow changes no score. */
    public String version() {
        return DigestUtils.sha256Hex(
                CanonicalJson.write(Map.of("how", how, "perspective", perspective == null ? "" : perspective)));
    }

    /** As the record of a scoring configuration names it. */
    ScorerRef ref() {
        ScorerRef.Builder ref = ScorerRef.newBuilder()
                .setName(name)
                .setVersion(version())
                .setComponent(component())
                .setRequired(required)
                .setShadow(shadow);
        return perspective == null
                ? ref.build()
                : ref.setPerspective(perspective).build();
    }
}
