package ai.consilium.cli.run;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Specialties that a scheduler is started with and its run does not have: they are trained from the round on that follows the one
 * under way (docs/adr/0026-specialties-that-are-added.md).
 *
 * @param settings of the scheduler's host
 * @param writer named in the manifest
 * @param err where a person is told
 */
public record AddedSpecialties(ConsiliumConfig config, RunSettings settings, String writer, PrintWriter err) {
    /**
     * Adds what there is to add to a run.
     *
     * @param newest manifest of the run
     * @return the newest then
     * @throws UsageException when no round follows in which they could be trained
     */
    public RunManifest to(RunManifest newest, KafkaClients kafka) {
        List<String> added = settings.added(newest);
        if (added.isEmpty()) {
            return newest;
        }
        int round = nextRound(newest, kafka, String.join(", ", added));
        requireStartsAsTheAgent(added);
        RunManifest longer = settings.adding(newest, round, writer, System.currentTimeMillis());
        ManifestLog.revise(kafka, longer, "specialties");
        err.println("specialties    " + String.join(", ", added) + ": trained from round " + (round + 1) + " on");
        err.flush();
        return longer;
    }

    /** Nobody knows how far the round under way has come by the time that this is read: what is added waits for the next. */
    private int nextRound(RunManifest newest, KafkaClients kafka, String added) {
        AtomicInteger ended = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean(RunControl.of(newest) == RunControl.FINISH);
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, update -> {
            if (UnifiedAgent.isAgent(update)) {
                ended.accumulateAndGet(update.getRound() + 1, Math::max);
            }
            if (UnifiedAgent.endsRun(update)) {
                over.set(true);
            }
        });
        int round = ended.get() + 1;
        if (over.get() || config.rounds() > 0 && round >= config.rounds()) {
            throw new UsageException(
                    ("specialties: %s would be trained from the next round on, and run %s has no round after the one under way;"
                                    + " begin another run with its agent: consilium train --fork")
                            .formatted(added, newest.getRunId()));
        }
        return round;
    }

    private void requireStartsAsTheAgent(List<String> added) {
        added.stream()
                .filter(config.start().adapters()::containsKey)
                .findFirst()
                .ifPresent(given -> {
                    throw new UsageException(StartAdapters.ADAPTERS + given + ": " + given
                            + " is added to a run that goes on, and begins as its agent");
                });
    }
}
