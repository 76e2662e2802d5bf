package ai.consilium.rollout.engine.vllm;

import ai.consilium.platform.run.RunDirectory;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.rollout.engine.AdapterVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Adapters as PEFT directories, where the servers see them; each is there as long as a server holds it. Thread-safe. */
final class AdapterDirectories implements AutoCloseable {
    private static final String CARD = "Written for a vLLM server, and removed when it no longer needs it.\n";

    /** To hash a large base takes minutes, and a server does not look. */
    private static final String NO_HASH = "";

    private final Path root;
    private final String base;
    private final Map<String, Integer> users = new HashMap<>();

    /** @param parent is made; what is written goes to a directory of its own in it */
    AdapterDirectories(Path parent, ModelDirectory model) {
        // Not a temporary directory of the library: those are closed to the user that a server may run as.
        this.root = parent.toAbsolutePath().normalize().resolve("consilium-" + UUID.randomUUID());
        this.base = model.path().toString();
        try {
            Files.createDirectories(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a version is called on the servers: no two contents have the same name, which vLLM's prefix cache relies on. */
    static String name(AdapterVersion version) {
        return version.policy() + "@" + version.version() + "-"
                + version.hash().substring(0, Math.min(8, version.hash().length()));
    }

    /** Its directory, written by the first who asks. */
    synchronized Path acquire(AdapterVersion version) {
        String name = name(version);
        Path directory = root.resolve(name);
        if (users.merge(name, 1, Integer::sum) == 1) {
            version.adapter().writePeft(directory, base, NO_HASH, CARD);
        }
        return directory;
    }

    /** One less needs it. */
    synchronized void release(AdapterVersion version) {
        String name = name(version);
        if (users.merge(name, -1, Integer::sum) <= 0) {
            users.remove(name);
            RunDirectory.delete(root.resolve(name));
        }
    }

    @Override
    public void close() {
        RunDirectory.delete(root);
    }
}
