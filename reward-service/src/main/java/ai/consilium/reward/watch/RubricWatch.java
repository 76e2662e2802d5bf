package ai.consilium.reward.watch;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ScoringOffers;
import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScorerLife;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.builtin.RubricType.RubricKeys;
import ai.consilium.schemas.ScoringConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Offers rubric files that are new or have changed as shadows: those of the configured scorers, and those of a directory. Files
 * are looked at, not listened for: a network file system tells of no change. One thread only.
 */
public final class RubricWatch implements ScoringOffers {
    private static final String KEY = "reward.watch";
    private static final String SHIPPED = "shipped:";
    private static final long LARGEST = 1 << 20;
    private static final int LARGEST_BODY = 2 << 20;

    private final List<ScorerConfig> configured;
    private final @Nullable Path directory;
    private final ScorerType.Surroundings surroundings;
    /** Why a file is not used, so that it is told once. */
    private final Map<Path, String> refused = new HashMap<>();

    private @Nullable ScoringDefinition inForce;

    /**
     * Over a configuration.
     *
     * @param surroundings what rubrics are read with; their base is what paths are relative to
     * @throws UsageException when there is no such directory
     */
    public RubricWatch(RewardConfig config, ScorerType.Surroundings surroundings) {
        this.configured = config.scorers().stream()
                .filter(scorer ->
                        scorer.keys() instanceof RubricKeys keys && !keys.file().startsWith(SHIPPED))
                .toList();
        this.surroundings = surroundings;
        this.directory = config.watch().isBlank() ? null : surroundings.base().resolve(config.watch());
        if (directory != null && !Files.isDirectory(directory)) {
            throw new UsageException(KEY + ": no such directory: " + directory);
        }
    }

    @Override
    public Optional<ScoringRevision> next(ScoringConfig config, Set<String> known, Consumer<String> tell) {
        Optional<ScoringDefinition> begun = definition(config, tell);
        if (begun.isEmpty()) {
            return Optional.empty();
        }
        ScoringDefinition now = begun.get();
        List<String> told = new ArrayList<>();
        for (Map.Entry<Path, ScorerConfig> file : files(tell).entrySet()) {
            Optional<ScorerDefinition> read = read(file.getKey(), file.getValue(), tell);
            if (read.isPresent()) {
                Optional<ScorerLife.Change> change = new ScorerLife(now, List.of()).offer(read.get(), known);
                if (change.isEmpty()) {
                    refused.remove(file.getKey());
                } else if (fits(file.getKey(), change.get(), tell)) {
                    refused.remove(file.getKey());
                    now = change.get().to();
                    told.add(change.get().told() + " (" + file.getKey().getFileName() + ")");
                }
            }
        }
        return told.isEmpty()
                ? Optional.empty()
                : Optional.of(new ScoringRevision(now.config(), String.join(", ", told)));
    }

    /** Another version's configuration, which cannot be read here, cannot be added to either. */
    private Optional<ScoringDefinition> definition(ScoringConfig config, Consumer<String> tell) {
        if (inForce == null || !inForce.hash().equals(config.getHash())) {
            try {
                inForce = ScoringDefinition.of(config);
            } catch (IllegalArgumentException | UsageException unreadable) {
                refuse(surroundings.base(), "rubric files are not watched: " + unreadable.getMessage(), tell);
                return Optional.empty();
            }
        }
        return Optional.of(inForce);
    }

    /** It is one record of the log. */
    private boolean fits(Path file, ScorerLife.Change change, Consumer<String> tell) {
        if (change.to().config().getBody().length() <= LARGEST_BODY) {
            return true;
        }
        refuse(
                file,
                file + ": with it the scoring configuration would be larger than " + LARGEST_BODY + " bytes",
                tell);
        return false;
    }

    /** What each file defines; one that a scorer names is that scorer's. */
    private Map<Path, ScorerConfig> files(Consumer<String> tell) {
        Map<Path, ScorerConfig> files = new LinkedHashMap<>();
        for (ScorerConfig scorer : configured) {
            files.put(path(((RubricKeys) scorer.keys()).file()), scorer);
        }
        if (directory != null) {
            try (Stream<Path> entries = Files.list(directory)) {
                entries.filter(RubricWatch::isRubric)
                        .sorted()
                        .forEach(file -> files.putIfAbsent(path(file.toString()), shadow(file)));
                refused.remove(directory);
            } catch (IOException | UncheckedIOException failed) {
                refuse(directory, KEY + ": " + directory + " cannot be read: " + failed, tell);
            }
        }
        return files;
    }

    private Path path(String file) {
        return surroundings.base().resolve(file).toAbsolutePath().normalize();
    }

    private static boolean isRubric(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml")) && Files.isRegularFile(file);
    }

    private static ScorerConfig shadow(Path file) {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        return new ScorerConfig(
                ScorerLife.named(name),
                "rubric",
                false,
                true,
                new RubricKeys(file.toAbsolutePath().toString(), null));
    }

    /** A file that is being written is broken for a moment; one that is gone says nothing new. */
    private Optional<ScorerDefinition> read(Path file, ScorerConfig scorer, Consumer<String> tell) {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > LARGEST) {
                throw new UsageException(file + ": is larger than " + LARGEST + " bytes");
            }
            return Optional.of(ScorerDefinition.of(scorer, surroundings));
        } catch (RuntimeException | IOException broken) {
            String why = broken instanceof UsageException ? broken.getMessage() : file + ": " + broken;
            refuse(file, why + "; the run goes on without it", tell);
            return Optional.empty();
        }
    }

    private void refuse(Path file, String why, Consumer<String> tell) {
        if (!why.equals(refused.put(file, why))) {
            tell.accept(why);
        }
    }
}
