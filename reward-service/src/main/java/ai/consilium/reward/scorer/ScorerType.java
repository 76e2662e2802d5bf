package ai.consilium.reward.scorer;

import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.schemas.Component;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonTypeIdResolver;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A kind of scorer: the value of a scorer's {@code type}, the keys that configure one, what of them goes to the log, and the
 * scorer that is made from that. Types are found by {@link java.util.ServiceLoader}, on the class path and in plug-ins: a new one
 * is a class with a public constructor without parameters and its line in
 * {@code META-INF/services/ai.consilium.reward.scorer.ScorerType} (docs/REWARDS.md).
 */
public interface ScorerType {
    /**
     * Version of what a type of a plug-in is compiled against: grows when types that were built before would no longer work.
     */
    int API = 1;

    /**
     * The {@link #API} that this type was compiled against: a plug-in returns the constant, whose value the compiler writes into
     * the class file.
     */
    default int api() {
        return 0;
    }

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
    @JsonTypeInfo(use = JsonTypeInfo.Id.CUSTOM, property = "type")
    @JsonTypeIdResolver(DefinitionIds.class)
    interface Definition {
        /** Which part of the advantage it feeds. */
        Component component();

        /**
         * Whether a process of somebody else scores by itself, so that reward services have nothing to ask; the scorer then says
         * no more than that.
         */
        default boolean external() {
            return false;
        }

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
     * @param memory what is known of judges
     * @param pictures how judges are shown the images of cases
     * @param pluginTimeout of a call of a plug-in
     */
    record Resources(
            HttpClient http,
            UnaryOperator<@Nullable String> environment,
            AddressGuard guard,
            JudgeMemory memory,
            PictureReader pictures,
            Duration pluginTimeout) {
        private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(10);

        /** Without a memory; pictures are shown as they are. */
        public Resources(HttpClient http, UnaryOperator<@Nullable String> environment, AddressGuard guard) {
            this(http, environment, guard, JudgeMemory.NONE, PictureReader.AS_THEY_ARE, USUAL_TIMEOUT);
        }

        /**
         * Of this process.
         *
         * @param http how its remote scorers are asked
         * @param run whose budgets go on where an earlier process left them; null: they begin anew
         */
        public static Resources of(HttpDefaults http, @Nullable String run, PictureReader pictures) {
            return new Resources(
                    RemoteHttp.client(),
                    new ScorerSecrets(System::getenv),
                    new AddressGuard(http.allowHosts()),
                    http.memory(run),
                    pictures,
                    http.timeout());
        }
    }
}
