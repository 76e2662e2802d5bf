package ai.consilium.reward.scorer;

import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.platform.AddressGuard;
import ai.consilium.schemas.Component;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A kind of scorer: the value of a scorer's {@code type}, the keys that configure one, what of them goes to the log, and the
 * scorer that is made from that. Types are found by {@link java.util.ServiceLoader}: a new one is a class with a public
 * constructor without parameters and its line in {@code META-INF/services/ai.consilium.reward.scorer.ScorerType}
 * (docs/REWARDS.md).
 */
public interface ScorerType {
    /** Value of {@code type}; once used, it stands in the log for good. */
    String name();

    /** A record: the keys of such a scorer beside {@code name}, {@code type}, {@code required} and {@code shadow}. */
    Class<? extends Keys> keys();

    /** A record: what such a scorer does. */
    Class<? extends Definition> definition();

    /**
     * Keys of a scorer, bound like any section of the configuration: the constructor refuses what cannot be meant by an
     * {@link IllegalArgumentException} that begins with the key.
     */
    interface Keys {
        /**
         * What these keys mean; files that they name are read now.
         *
         * @throws ai.consilium.platform.UsageException naming what cannot be used
         */
        Defined define(Surroundings surroundings);
    }

    /**
     * What keys are read with.
     *
     * @param base directory that files named in the configuration are relative to
     * @param http what remote scorers share
     * @param answer how answers are found
     * @param ends what ends a completion of the run's model
     */
    record Surroundings(Path base, HttpDefaults http, Grading.Mode answer, EndTokens ends) {}

    /**
     * What became of the keys.
     *
     * @param perspective whose trajectories are scored; null for all
     */
    record Defined(@Nullable String perspective, Definition definition) {}

    /**
     * What a scorer does, as it stands in the body of a scoring configuration: everything that is needed to make the scorer
     * in another process, and no secret. The values of its components are its version, so what is computed in code carries a
     * revision that grows with every change.
     */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    interface Definition {
        /** Which part of the advantage it feeds. */
        Component component();

        /** Makes the scorer. */
        Scorer scorer(Identity identity, Resources resources);
    }

    /**
     * Which scorer it is.
     *
     * @param perspective null for all
     * @param version content hash of its definition
     */
    record Identity(String name, @Nullable String perspective, String version) {}

    /**
     * What scorers may use in their process.
     *
     * @param http what remote scorers ask through
     * @param environment reads an environment variable; null where it is not set
     * @param guard which hosts may be asked
     */
    record Resources(HttpClient http, UnaryOperator<@Nullable String> environment, AddressGuard guard) {}
}
