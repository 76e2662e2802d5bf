package ai.consilium.rollout.worker;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterMismatchException;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest version of every policy that is sampled, fetched from the log while workers sample. An expert whose tensors are not those
 * that its update names, or do not fit the model of this process, stops all sampling: what is sampled must be what was published.
 */
public final class LatestAdapters implements ServiceThread.Flow {
    private static final Logger LOG = LoggerFactory.getLogger(LatestAdapters.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long NOT_PUBLISHED = -1;

    private final RunContext context;
    private final Consumer<AdapterVersion> listener;
    private final Map<String, AdapterVersion> newest = new ConcurrentHashMap<>();
    private final Map<String, Long> published = new ConcurrentHashMap<>();
    /** Of every version of an expert what is needed to fetch it, should it be examined. */
    private final Map<String, PolicyUpdate> experts = new ConcurrentHashMap<>();

    private final Set<String> finished = ConcurrentHashMap.newKeySet();
    private final Object changed = new Object();
    private volatile @Nullable RuntimeException failure;

    /**
     * Knows no adapter yet; {@link #run} fills it.
     *
     * @param listener is told of each expert before anyone can find it here
     */
    public LatestAdapters(RunContext context, Consumer<AdapterVersion> listener) {
        this.context = context;
        this.listener = listener;
    }

    /**
     * The newest expert, waiting for the first one if there is none yet.
     *
     * @return empty when none came in time
     * @throws IllegalStateException when an adapter on the log was not what its update promised
     */
    public Optional<AdapterVersion> newest(String specialty, Duration patience) throws InterruptedException {
        await(patience, () -> newest.containsKey(specialty));
        return Optional.ofNullable(newest.get(specialty));
    }

    /**
     * Waits until every specialty that has a version has an expert here as well: a prompt that is taken earlier could only be
     * given back, which it outlives a few times only.
     *
     * @return whether that is so
     * @throws IllegalStateException when an adapter on the log was not what its update promised
     */
    boolean complete(Duration patience) throws InterruptedException {
        return await(patience, () -> newest.keySet().containsAll(published.keySet()));
    }

    /**
     * A published version of an expert, waiting for it if the log has not been read so far.
     *
     * @return empty when it did not come in time
     * @throws IllegalStateException when an adapter on the log was not what its update promised
     */
    Optional<PolicyUpdate> published(String specialty, long version, Duration patience) throws InterruptedException {
        String name = ExaminedGroup.version(specialty, version);
        await(patience, () -> experts.containsKey(name));
        return Optional.ofNullable(experts.get(name));
    }

    /** Looks again with every expert that comes. @return whether it was so in time */
    private boolean await(Duration patience, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (changed) {
            while (true) {
                requireSound();
                boolean holds = condition.getAsBoolean();
                long leftMs = (end - System.nanoTime()) / 1_000_000;
                if (holds || leftMs <= 0) {
                    return holds;
                }
                changed.wait(leftMs);
            }
        }
    }

    /** @throws IllegalStateException when an adapter on the log was not what its update promised */
    void requireSound() {
        RuntimeException found = failure;
        if (found != null) {
            throw new IllegalStateException("sampling stopped: " + found.getMessage(), found);
        }
    }

    /** Why sampling stopped, if an adapter on the log was not what its update promised, or is none of this model. */
    Optional<String> mismatch() {
        return Optional.ofNullable(failure)
                .filter(found -> found instanceof AdapterMismatchException || found instanceof ModelException)
                .map(found -> String.valueOf(found.getMessage()));
    }

    /** Newest version that was published, whether or not its adapter has been fetched; -1 before the first. */
    public long publishedVersion(String specialty) {
        return published.getOrDefault(specialty, NOT_PUBLISHED);
    }

    /** Whether some policy is between its first and its last version: only then can prompts come. */
    public boolean promptsMayCome() {
        return published.keySet().stream().anyMatch(policy -> !finished.contains(policy));
    }

    /** Follows the policy updates. */
    @Override
    public void run(Pulse pulse) {
        try (AdapterLog<Adapter> adapters = new AdapterLog<>(
                        context.kafka(),
                        context.policies(),
                        Adapter::fromSafetensors,
                        Adapter::hash,
                        Adapter::beside,
                        FastSha256::digest);
                DeadLetters deadLetters = new DeadLetters(context.kafka(), RolloutService.ROLE);
                LogReader<PolicyUpdate> updates = new LogReader<>(
                        context.kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, deadLetters, null, Map.of())) {
            Map<String, PolicyUpdate> latest = new LinkedHashMap<>();
            // Not before all that stands there: a worker that starts would fetch what is gone long since.
            boolean started = false;
            while (!pulse.stopping()) {
                pulse.idle(
                        latest.isEmpty() || !started
                                ? "policy updates"
                                : "adapters that are not on the log (of %s); their learners publish them again when they are started"
                                        .formatted(String.join(", ", latest.keySet())));
                updates.poll(POLL).forEach(record -> note(record, latest));
                // Asked once: the broker answers only when the fetch has ended that waits for the next update.
                started = started || (!latest.isEmpty() && updates.caughtUp());
                if (started) {
                    for (PolicyUpdate update : List.copyOf(latest.values())) {
                        if (fetch(adapters, update)) {
                            latest.remove(update.getSpecialty());
                            pulse.beat();
                        }
                    }
                }
            }
        } catch (RuntimeException e) {
            synchronized (changed) {
                failure = e;
                changed.notifyAll();
            }
            throw e;
        }
    }

    /** Versions that were superseded before anyone could use them are never fetched. */
    private void note(ConsumerRecord<String, PolicyUpdate> record, Map<String, PolicyUpdate> latest) {
        PolicyUpdate update = record.value();
        String specialty = update.getSpecialty();
        if (context.specialties().contains(specialty)) {
            keep(update);
        }
        if (sampled(update) && update.getVersion() > publishedVersion(specialty)) {
            published.put(specialty, update.getVersion());
            latest.put(specialty, update);
            // Of its round: in the next one it is sampled again.
            if (update.getFinalVersion()) {
                finished.add(specialty);
            } else {
                finished.remove(specialty);
            }
        }
    }

    private void keep(PolicyUpdate update) {
        PolicyUpdate slim = PolicyUpdate.newBuilder(update)
                .setParents(List.of())
                .setFigures(Map.of())
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .build();
        synchronized (changed) {
            experts.put(ExaminedGroup.version(update.getSpecialty(), update.getVersion()), slim);
            changed.notifyAll();
        }
    }

    /** The unified agent is sampled while it is made from its experts, not before and not after. */
    private boolean sampled(PolicyUpdate update) {
        if (update.getSpecialty().equals(Topics.UNIFIED)) {
            return update.getKind() == UpdateKind.DISTILLATION || UnifiedAgent.isMergedStart(update);
        }
        return context.specialties().contains(update.getSpecialty());
    }

    /** @return false when its chunks are not all there: they may still come, or a newer version takes its place */
    private boolean fetch(AdapterLog<Adapter> adapters, PolicyUpdate update) {
        String name = update.getSpecialty() + " version " + update.getVersion();
        try {
            return fetch(adapters, update, name);
        } catch (ModelException unfit) {
            throw new ModelException(name + " does not fit: " + unfit.getMessage(), unfit);
        }
    }

    private boolean fetch(AdapterLog<Adapter> adapters, PolicyUpdate update, String name) {
        Optional<Adapter> adapter = adapters.find(update);
        if (adapter.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("adapter", name)
                    .log("Adapter chunks are not there yet or have been removed; trying again");
            return false;
        }
        AdapterVersion version =
                new AdapterVersion(update.getSpecialty(), update.getVersion(), update.getAdapterHash(), adapter.get());
        listener.accept(version);
        synchronized (changed) {
            newest.put(update.getSpecialty(), version);
            changed.notifyAll();
        }
        LOG.atDebug()
                .addKeyValue("adapter", name)
                .addKeyValue("hash", update.getAdapterHash())
                .log("Fetched");
        return true;
    }
}
