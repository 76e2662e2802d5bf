package ai.consilium.rollout.worker;

import ai.consilium.cases.format.CaseException;
import ai.consilium.platform.adapter.AdapterGoneException;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.policy.ModelException;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.engine.InferenceEngine.Prepared;
import ai.consilium.rollout.worker.TrajectoryRecord.Circumstances;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Span;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done with a prompt that a worker holds: it is sampled and written, refused with an outcome, or left for another. */
final class PromptHandler {
    private static final Logger LOG = LoggerFactory.getLogger(PromptHandler.class);

    private final String worker;
    private final PromptResolver resolver;
    private final InferenceEngine engine;
    private final LatestAdapters adapters;
    private final PinnedAdapters pinned;
    private final RolloutOutput output;
    private final DeadLetters deadLetters;
    private final RolloutMetrics metrics;
    private final Duration patience;

    /** How a prompt begins. */
    sealed interface Begun {
        /** It is being sampled. */
        record Sampling(GroupInProgress group) implements Begun {}

        /** There is nothing more to do for it. */
        record Done() implements Begun {}

        /** It is for another try. */
        record Later() implements Begun {}
    }

    /** @param patience how long to wait for the first expert of a specialty */
    PromptHandler(
            String worker,
            PromptResolver resolver,
            InferenceEngine engine,
            LatestAdapters adapters,
            PinnedAdapters pinned,
            RolloutOutput output,
            DeadLetters deadLetters,
            RolloutMetrics metrics,
            Duration patience) {
        this.worker = worker;
        this.resolver = resolver;
        this.engine = engine;
        this.adapters = adapters;
        this.pinned = pinned;
        this.output = output;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.patience = patience;
    }

    /** Checks a prompt and queues it; one that cannot be used is kept as a dead letter and its group ends. */
    Begun begin(ConsumerRecord<String, Decoded<Prompt>> record) throws InterruptedException {
        Decoded<Prompt> decoded = record.value();
        if (decoded == null || decoded.value() == null) {
            deadLetters.put(record, decoded == null || decoded.problem() == null ? "no prompt" : decoded.problem());
            return new Begun.Done();
        }
        Prompt prompt = decoded.value();
        if (GroupInProgress.late(prompt)) {
            // To sample it nevertheless would make those behind it late as well.
            LOG.atInfo().addKeyValue("group", prompt.getGroupId()).log("Not sampled: its deadline has passed");
            return new Begun.Done();
        }
        String problem =
                Purpose.problem(prompt.getPurpose(), prompt.getSampling().getTemperature());
        if (problem != null) {
            return refuse(record, prompt, problem);
        }
        Prepared prepared;
        try {
            prepared = engine.prepare(resolver.resolve(prompt));
        } catch (CaseException | ModelException e) {
            return refuse(record, prompt, String.valueOf(e.getMessage()));
        }
        return prompt.getPurpose().equals(Purpose.VALIDATION)
                ? examine(record, prompt, prepared)
                : sample(record, prompt, prepared);
    }

    private Begun sample(ConsumerRecord<String, Decoded<Prompt>> record, Prompt prompt, Prepared prepared)
            throws InterruptedException {
        String policy = PolicyTable.policyOf(prompt);
        if (adapters.newest(policy, patience).isEmpty()) {
            return later(prompt);
        }
        return new Begun.Sampling(new GroupInProgress(
                record, prompt, prepared, engine.sample(policy, prepared, prompt.getSampling()), System.nanoTime()));
    }

    /** By the version that the prompt names, whichever is the newest. */
    private Begun examine(ConsumerRecord<String, Decoded<Prompt>> record, Prompt prompt, Prepared prepared)
            throws InterruptedException {
        Optional<PolicyUpdate> asked =
                adapters.published(PolicyTable.policyOf(prompt), prompt.getAdmittedAtVersion(), patience);
        if (asked.isEmpty()) {
            return later(prompt);
        }
        String name;
        try {
            name = pinned.pin(asked.get());
        } catch (AdapterGoneException e) {
            return refuse(record, prompt, String.valueOf(e.getMessage()));
        }
        CompletableFuture<List<Completion>> completions = engine.sample(name, prepared, prompt.getSampling());
        // Whatever becomes of it, a deadline that passes included.
        completions.whenComplete((samples, problem) -> pinned.release(name));
        return new Begun.Sampling(new GroupInProgress(record, prompt, prepared, completions, System.nanoTime()));
    }

    private static Begun later(Prompt prompt) {
        LOG.atInfo()
                .addKeyValue("policy", PolicyTable.policyOf(prompt))
                .addKeyValue("group", prompt.getGroupId())
                .log("No adapter to sample with yet; releasing the prompt");
        return new Begun.Later();
    }

    private Begun refuse(ConsumerRecord<String, Decoded<Prompt>> record, Prompt prompt, String reason) {
        deadLetters.put(record, reason);
        output.rejected(prompt, reason, worker);
        return new Begun.Done();
    }

    /**
     * Writes what a group that has ended came to.
     *
     * @throws IllegalStateException when the engine can sample no more
     */
    void finish(GroupInProgress group) {
        try {
            write(group, group.completions().join());
        } catch (CancellationException e) {
            LOG.atInfo().addKeyValue("group", group.prompt().getGroupId()).log("Given up: its deadline has passed");
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof ModelException cannot)) {
                throw new IllegalStateException("sampling failed: " + e.getCause(), e.getCause());
            }
            refuse(group.record(), group.prompt(), String.valueOf(cannot.getMessage()));
        }
    }

    private void write(GroupInProgress group, List<Completion> samples) {
        Prompt prompt = group.prompt();
        if (samples.size() != prompt.getMembers().size()) {
            // What is missing would be waited for until the group's deadline.
            throw new IllegalStateException("the engine answered %d of the %d prompts of group %s"
                    .formatted(samples.size(), prompt.getMembers().size(), prompt.getGroupId()));
        }
        Circumstances how = new Circumstances(
                worker, group.deliveryCount(), group.sinceStart().toMillis());
        long now = System.currentTimeMillis();
        long tokens = 0;
        for (int i = 0; i < samples.size(); i++) {
            Completion sample = samples.get(i);
            tokens += sample.tokens().length;
            String hash = group.prepared().promptHashes().get(i);
            output.trajectory(group.record().partition(), TrajectoryRecord.of(prompt, i, hash, sample, how, now));
        }
        metrics.sampled(tokens, group.sinceStart());
        if (!prompt.getPurpose().equals(Purpose.VALIDATION)) {
            metrics.behind(versionsBehind(prompt, samples));
        }
        int cut = (int) samples.stream().filter(Completion::truncated).count();
        metrics.cut(samples.size(), cut, prompt.getSampling().getMaxCompletionTokens());
    }

    /** How many versions were published since the oldest that sampled one of the tokens. */
    private long versionsBehind(Prompt prompt, List<Completion> samples) {
        long newest = adapters.publishedVersion(PolicyTable.policyOf(prompt));
        long oldest = samples.stream()
                .flatMap(sample -> sample.spans().stream())
                .mapToLong(Span::getPolicyVersion)
                .min()
                .orElse(newest);
        return Math.max(0, newest - oldest);
    }

    /** Waits until the broker has everything. */
    void flush() throws InterruptedException {
        output.flush();
    }
}
