package ai.consilium.rollout.worker;

import ai.consilium.cases.format.CaseException;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.policy.ModelException;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.engine.InferenceEngine.Prepared;
import ai.consilium.rollout.worker.TrajectoryRecord.Circumstances;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Sampling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done with the prompts that a worker holds: sampled, refused with an outcome, or left for another. */
final class PromptHandler {
    private static final Logger LOG = LoggerFactory.getLogger(PromptHandler.class);

    private final String worker;
    private final PromptResolver resolver;
    private final InferenceEngine engine;
    private final LatestAdapters adapters;
    private final RolloutOutput output;
    private final DeadLetters deadLetters;
    private final RolloutMetrics metrics;
    private final Duration patience;

    /** What may be sampled as one batch: one expert, one way of sampling. */
    private record Kind(String policy, Sampling sampling) {}

    /** A prompt that can be sampled. */
    private record Ready(ConsumerRecord<String, Decoded<Prompt>> record, Prompt prompt, Prepared prepared) {}

    /** @param patience how long to wait for the first expert of a specialty */
    PromptHandler(
            String worker,
            PromptResolver resolver,
            InferenceEngine engine,
            LatestAdapters adapters,
            RolloutOutput output,
            DeadLetters deadLetters,
            RolloutMetrics metrics,
            Duration patience) {
        this.worker = worker;
        this.resolver = resolver;
        this.engine = engine;
        this.adapters = adapters;
        this.output = output;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.patience = patience;
    }

    /**
     * Does it, and waits until the broker has the results.
     *
     * @return places ({@link PromptConsumer#place}) of the prompts that are done with; the others are for another try
     */
    Set<String> perform(List<ConsumerRecord<String, Decoded<Prompt>>> records) throws InterruptedException {
        Set<String> done = new HashSet<>();
        Map<Kind, List<Ready>> batches = new LinkedHashMap<>();
        for (ConsumerRecord<String, Decoded<Prompt>> record : records) {
            Optional<Ready> ready = prepare(record);
            if (ready.isPresent()) {
                Prompt prompt = ready.get().prompt();
                batches.computeIfAbsent(
                                new Kind(PolicyTable.policyOf(prompt), prompt.getSampling()), k -> new ArrayList<>())
                        .add(ready.get());
            } else {
                done.add(PromptConsumer.place(record));
            }
        }
        for (Map.Entry<Kind, List<Ready>> batch : batches.entrySet()) {
            Optional<AdapterVersion> expert = adapters.newest(batch.getKey().policy(), patience);
            if (expert.isPresent()) {
                sample(expert.get(), batch.getKey(), batch.getValue());
                batch.getValue().forEach(ready -> done.add(PromptConsumer.place(ready.record())));
            } else {
                LOG.atInfo()
                        .addKeyValue("policy", batch.getKey().policy())
                        .addKeyValue("groups", batch.getValue().size())
                        .log("No adapter to sample with yet; releasing the prompts");
            }
        }
        output.flush();
        return done;
    }

    /** Makes a prompt ready; one that cannot be used is kept as a dead letter and its group ends. */
    private Optional<Ready> prepare(ConsumerRecord<String, Decoded<Prompt>> record) {
        Decoded<Prompt> decoded = record.value();
        if (decoded == null || decoded.value() == null) {
            deadLetters.put(record, decoded == null || decoded.problem() == null ? "no prompt" : decoded.problem());
            return Optional.empty();
        }
        Prompt prompt = decoded.value();
        if (prompt.getDeadlineMs() < System.currentTimeMillis()) {
            // The advantage stream ends its group. To sample it nevertheless would make those behind it late as well.
            LOG.atInfo().addKeyValue("group", prompt.getGroupId()).log("Not sampled: its deadline has passed");
            return Optional.empty();
        }
        String problem =
                Purpose.problem(prompt.getPurpose(), prompt.getSampling().getTemperature());
        if (problem != null) {
            return refuse(record, prompt, problem);
        }
        try {
            return Optional.of(new Ready(record, prompt, engine.prepare(resolver.resolve(prompt))));
        } catch (CaseException | ModelException e) {
            return refuse(record, prompt, String.valueOf(e.getMessage()));
        }
    }

    private Optional<Ready> refuse(ConsumerRecord<String, Decoded<Prompt>> record, Prompt prompt, String reason) {
        deadLetters.put(record, reason);
        output.rejected(prompt, reason, worker);
        return Optional.empty();
    }

    private void sample(AdapterVersion expert, Kind kind, List<Ready> batch) throws InterruptedException {
        long startNs = System.nanoTime();
        List<List<Completion>> completions =
                engine.sample(expert, batch.stream().map(Ready::prepared).toList(), kind.sampling());
        Duration took = Duration.ofNanos(System.nanoTime() - startNs);
        long tokens = 0;
        for (int g = 0; g < batch.size(); g++) {
            tokens += write(batch.get(g), completions.get(g), expert, took);
        }
        long behind = Math.max(0, adapters.publishedVersion(expert.policy()) - expert.version());
        metrics.sampled(batch.size(), tokens, behind, took);
    }

    /**
     * Writes a group.
     *
     * @return its number of tokens
     */
    private long write(Ready ready, List<Completion> samples, AdapterVersion expert, Duration took) {
        int deliveries = ready.record().deliveryCount().map(Short::intValue).orElse(1);
        Circumstances how = new Circumstances(expert, worker, deliveries, took.toMillis());
        long now = System.currentTimeMillis();
        long tokens = 0;
        for (int i = 0; i < samples.size(); i++) {
            Completion sample = samples.get(i);
            tokens += sample.tokens().length;
            String hash = ready.prepared().promptHashes().get(i);
            output.trajectory(
                    ready.record().partition(), TrajectoryRecord.of(ready.prompt(), i, hash, sample, how, now));
        }
        return tokens;
    }
}
