package ai.consilium.cli.status;

import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.monitor.state.RunState;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is, by its log alone. Times are epoch milliseconds, durations milliseconds.
 *
 * @param runId name of the run
 * @param consilium version that wrote its manifest
 * @param simulated whether its cases are simulated
 * @param edition of the training cases that it draws on; null where nothing is known
 * @param phase as the run itself calls it
 * @param finished whether the run said that it is over
 * @param atMs when this was read
 * @param newestMs of its newest record; null without any
 * @param elapsedMs from its first record to its end, or to now
 * @param leftMs of reinforcement, estimated; null where nothing is known
 * @param steps updates that each specialty is to reach in a round
 * @param round that it is in, from 1
 * @param rounds that it is to have; 0: until it is told to stop
 * @param control what it was told to do: go, pause, finish or stop
 * @param policies specialties in the order of their partitions, then the unified agent
 * @param agents unified agents that the gate let through, oldest first
 * @param stalls what held the run up, newest first
 * @param events what roles said lately, newest first
 */
public record RunStatus(
        String runId,
        String consilium,
        boolean simulated,
        RunSnapshot.@Nullable Edition edition,
        String phase,
        boolean finished,
        long atMs,
        @Nullable Long newestMs,
        @Nullable Long elapsedMs,
        @Nullable Long leftMs,
        int steps,
        int round,
        int rounds,
        String control,
        List<Policy> policies,
        List<Agent> agents,
        List<RunSnapshot.Event> stalls,
        List<RunSnapshot.Event> events) {
    private static final int EVENTS = 5;

    /**
     * One policy.
     *
     * @param version newest; null before version 0
     * @param finalVersion whether its round ended with it
     * @param versionMs when it was published
     * @param groups begun, ended and how, open
     */
    public record Policy(
            String name,
            @Nullable Long version,
            @JsonProperty("final") boolean finalVersion,
            @Nullable Long versionMs,
            RunSnapshot.Books groups) {}

    /** An agent that the gate let through. */
    public record Agent(long version, String adapterHash, long createdMs) {}

    /**
     * Reads it.
     *
     * @param nowMs epoch milliseconds
     * @throws UsageException when the log has no manifest
     */
    public static RunStatus read(KafkaClients kafka, long nowMs) {
        RunManifest manifest = ManifestLog.ofRun(kafka);
        Reading reading = new Reading(manifest);
        TopicContent.records(
                kafka,
                Topics.RUN_EVENTS,
                RunEvent.class,
                null,
                record -> reading.event(record.value(), record.offset()));
        TopicContent.read(kafka, Topics.PROMPTS, Prompt.class, reading::prompt);
        TopicContent.read(kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, reading::outcome);
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, reading::update);
        return reading.at(nowMs);
    }

    private static final class Reading {
        private final RunManifest manifest;
        private final int steps;
        private final RunState state;
        private final Map<String, PolicyUpdate> newest = new LinkedHashMap<>();
        private final List<Agent> agents = new ArrayList<>();
        private @Nullable Long newestMs;
        private int round;

        Reading(RunManifest manifest) {
            this.manifest = manifest;
            this.steps = setting("steps", 0);
            this.state = new RunState(
                    manifest.getRunId(),
                    PolicyTable.of(manifest),
                    TrainingPlan.lastVersion(setting("rounds", 1), steps));
        }

        private int setting(String key, int otherwise) {
            return Integer.parseInt(manifest.getSettings().getOrDefault(key, Integer.toString(otherwise)));
        }

        void event(RunEvent event, long offset) {
            seen(event.getCreatedMs());
            state.add(event, offset, event.getCreatedMs());
        }

        void prompt(Prompt prompt) {
            seen(prompt.getCreatedMs());
            round = Math.max(round, prompt.getRound());
            state.add(prompt, 0, prompt.getCreatedMs());
        }

        void outcome(GroupOutcome outcome) {
            seen(outcome.getCreatedMs());
            state.add(outcome, 0, outcome.getCreatedMs());
        }

        void update(PolicyUpdate update) {
            seen(update.getCreatedMs());
            newest.put(update.getSpecialty(), update);
            round = Math.max(round, update.getRound());
            if (update.getSpecialty().equals(Topics.UNIFIED) && UnifiedAgent.isAgent(update)) {
                agents.add(new Agent(update.getVersion(), update.getAdapterHash(), update.getCreatedMs()));
            }
            state.add(update, 0, update.getCreatedMs());
        }

        private void seen(long atMs) {
            newestMs = newestMs == null ? atMs : Math.max(newestMs, atMs);
        }

        RunStatus at(long nowMs) {
            RunSnapshot snapshot = state.at(nowMs);
            List<Policy> policies = new ArrayList<>();
            snapshot.specialties().forEach(one -> policies.add(policy(one.name(), one.books())));
            policies.add(policy(Topics.UNIFIED, agentGroups(snapshot)));
            return new RunStatus(
                    manifest.getRunId(),
                    manifest.getVersion(),
                    snapshot.simulated(),
                    edition(snapshot),
                    snapshot.phase(),
                    snapshot.finished(),
                    nowMs,
                    newestMs,
                    snapshot.elapsedMs(),
                    snapshot.finished() ? null : snapshot.leftMs(),
                    steps,
                    round + 1,
                    setting("rounds", 1),
                    RunControl.of(manifest).label(),
                    policies,
                    List.copyOf(agents),
                    snapshot.stalls(),
                    snapshot.events().stream().limit(EVENTS).toList());
        }

        /** By the manifest; what was refused stands in events only. */
        private RunSnapshot.@Nullable Edition edition(RunSnapshot snapshot) {
            RunSnapshot.Edition told = snapshot.edition();
            return CaseEdition.of(manifest)
                    .filter(named -> named.cases() > 0)
                    .map(named -> new RunSnapshot.Edition(
                            named.cases(), named.fromRound() + 1, told == null ? null : told.refused()))
                    .orElse(told);
        }

        private static RunSnapshot.Books agentGroups(RunSnapshot snapshot) {
            RunSnapshot.Unified unified = snapshot.unified();
            return unified == null ? new RunSnapshot.Books(0, Map.of(), 0) : unified.books();
        }

        private Policy policy(String name, RunSnapshot.Books groups) {
            PolicyUpdate update = newest.get(name);
            return update == null
                    ? new Policy(name, null, false, null, groups)
                    : new Policy(name, update.getVersion(), update.getFinalVersion(), update.getCreatedMs(), groups);
        }
    }
}
