package ai.consilium.platform.manifest;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.RunManifest;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a role apart from a run that it does not fit. Waits for the run's manifest, compares it with this process's settings, and
 * goes on comparing: a later revision that says something else of these settings ends the process too. The failure of its
 * thread is a {@link UsageException} with a line for each difference.
 */
public final class ManifestGate implements Service {
    private final RunContext context;
    private final String role;
    private final ServiceThread thread;
    private volatile Optional<RunManifest> accepted = Optional.empty();

    /** @param role whose process it is */
    public ManifestGate(RunContext context, String role) {
        this.context = context;
        this.role = role;
        this.thread = new ServiceThread("manifest", this::follow);
    }

    /** The newest manifest that fits; empty while there is none. */
    public Optional<RunManifest> accepted() {
        return accepted;
    }

    private void follow(Pulse pulse) {
        try (ManifestLog log = new ManifestLog(context.kafka())) {
            Optional<RunManifest> newest = log.catchUp();
            while (!pulse.stopping()) {
                if (!newest.equals(accepted)) {
                    newest.ifPresent(context.settings()::requireSameAs);
                    accepted = newest;
                    pulse.beat();
                }
                pulse.idle(
                        newest.isEmpty()
                                ? "the manifest of run " + context.runId() + ", which its scheduler writes"
                                : "revisions of the run's manifest");
                newest = log.follow();
            }
        }
    }

    @Override
    public String role() {
        return role;
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public List<ServiceThread> threads() {
        return List.of(thread);
    }

    @Override
    public void close() {
        thread.close();
    }
}
