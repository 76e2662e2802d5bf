package ai.consilium.cli.run;

import ai.consilium.cli.progress.Interruption;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.manifest.ManifestGate;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.RunManifest;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/**
 * How a role in a process of its own comes to take part in a run: what it has in common with the run is compared with the run's
 * manifest before it consumes or joins anything. The scheduler writes the manifest; all others wait for it.
 */
final class Joining {
    private static final Duration LOOK = Duration.ofMillis(100);

    private final RunContext context;
    private final Role role;
    private final AddedSpecialties added;

    /** @param added by a scheduler to a run that goes on */
    Joining(RunContext context, Role role, AddedSpecialties added) {
        this.context = context;
        this.role = role;
        this.added = added;
    }

    /**
     * Compares with the manifest that is on the log already, if there is one: a role that does not fit leaves nothing behind.
     *
     * @throws UsageException with a line for each difference
     */
    void refuseEarly() {
        Optional<RunManifest> manifest = ManifestLog.newest(context.kafka());
        manifest.ifPresent(
                role == Role.SCHEDULER ? context.settings()::requireContinues : context.settings()::requireSameAs);
    }

    /**
     * Waits for the manifest, and creates the topics that are missing.
     *
     * @param services watches the manifest's later revisions from then on
     * @return the run's manifest; empty for a scheduler that begins a run, and when interrupted
     * @throws UsageException with a line for each difference
     */
    Optional<RunManifest> await(ServiceGroup services, Interruption interruption, PrintWriter err)
            throws InterruptedException {
        TopicCatalogue.createManifests(context.kafka());
        services.beat();
        if (role == Role.SCHEDULER) {
            return ManifestLog.newest(context.kafka()).map(newest -> added.to(newest, context.kafka()));
        }
        ManifestGate gate = new ManifestGate(context, role.label());
        services.start(gate);
        boolean told = false;
        while (gate.accepted().isEmpty() && !interruption.asked()) {
            services.requireHealthy();
            if (!told && !gate.threads().get(0).waitingFor().isEmpty()) {
                told = true;
                err.println("waiting        for " + gate.threads().get(0).waitingFor());
                err.flush();
            }
            Thread.sleep(LOOK.toMillis());
        }
        return gate.accepted();
    }
}
