package ai.consilium.reward.plugin;

import ai.consilium.platform.UsageException;
import ai.consilium.reward.scorer.ScorerTypes;
import ai.consilium.reward.scorer.ScorerTypes.PluggedType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Loads the plug-ins of a directory: each jar, and each sub-directory of jars, is one. */
public final class ScorerPlugins {
    private ScorerPlugins() {}

    /**
     * Makes the types of a directory's plug-ins known ({@link ScorerTypes}), instead of those of a directory before. Plug-ins
     * with the content of one that was loaded before are not loaded again.
     *
     * @throws UsageException naming the plug-in that cannot be used, and why
     */
    public static void load(Path directory) {
        ScorerTypes.plug(plugins(directory).stream()
                .flatMap(plugin -> plugin.types().stream()
                        .map(type -> new PluggedType(type, plugin.place().toString(), plugin.sha256())))
                .toList());
    }

    /** Forgets the plug-ins of a directory before. */
    public static void none() {
        ScorerTypes.plug(List.of());
    }

    private static List<Plugin> plugins(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new UsageException("reward.plugins: " + directory + " is no directory");
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted()
                    .filter(entry -> Files.isDirectory(entry) || Plugin.isJar(entry))
                    .map(Plugin::of)
                    .toList();
        } catch (IOException e) {
            throw new UsageException("reward.plugins: " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }
}
