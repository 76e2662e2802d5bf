package ai.consilium.benchmarks.stream;

import ai.consilium.advantage.AdvantageConfig;
import ai.consilium.advantage.AdvantageService;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Markup;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.reward.RewardService;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.worker.RolloutConfig;
import ai.consilium.rollout.worker.RolloutService;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What lies between a scheduler and learners: rollout workers, a reward service and an advantage stream, each as a run has it. Only
 * sampling is made up: the samples of a group answer A, B, C and D in turn, at once, so that accuracy varies in every group.
 */
public final class WholeStream implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int TOKENS = 64;
    private static final String LETTERS = "ABCD";

    /**
     * What it is made of.
     *
     * @param data directory of simulated cases
     * @param scoring what trajectories are scored by
     * @param adapter of version 0
     * @param next the adapter of a version by that of the version before
     * @param state directory of the advantage stream
     */
    public record Parts(
            RolloutConfig rollout,
            RewardConfig reward,
            AdvantageConfig advantage,
            Path data,
            PromptLayout layout,
            ScoringDefinition scoring,
            Adapter adapter,
            UnaryOperator<Adapter> next,
            Path state) {}

    private final RunContext context;
    private final Parts parts;
    private final AdapterRecords records;
    private final LogReader<TrainingGroup> groups;
    private final List<Completion> completions;
    private List<Service> services;
    private Adapter adapter;

    /** Starts it. */
    public WholeStream(RunContext context, Parts parts) {
        this.context = context;
        this.parts = parts;
        this.records = new AdapterRecords(context.kafka(), context.policies(), FastSha256::digest);
        this.groups = new LogReader<>(
                context.kafka(), Topics.TRAINING_GROUPS, TrainingGroup.class, UnusableRecords.LOGGED, null, Map.of());
        this.adapter = parts.adapter();
        Random random = new Random(1);
        this.completions = LETTERS.chars()
                .mapToObj(letter -> completion(random, (char) letter))
                .toList();
        this.services = started();
    }

    private static Completion completion(Random random, char answer) {
        float[] logprobs = new float[TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            logprobs[i] = -random.nextFloat();
        }
        return new Completion(
                random.ints(TOKENS, 0, TOKENS).toArray(),
                logprobs,
                List.of(),
                "<think> so " + answer + " </think> <answer> " + answer + " </answer> " + Markup.TURN_END,
                false);
    }

    private List<Service> started() {
        CaseLibrary cases = new CaseLibrary(parts.data());
        List<Service> all = List.of(
                new AdvantageService(context, parts.advantage(), parts.state()),
                new RewardService(context, parts.reward(), cases),
                new RolloutService(
                        context,
                        parts.rollout(),
                        cases,
                        parts.layout(),
                        new SimulatedEngine(Runnable::run, completions)));
        all.forEach(Service::start);
        return all;
    }

    /** What groups are scored by. */
    ScoringConfig scoring() {
        return parts.scoring().config();
    }

    /**
     * Groups that have become ready to be trained on.
     *
     * @throws IllegalStateException when a part of the stream has failed
     */
    List<TrainingGroup> trainable() {
        services.stream()
                .flatMap(service -> service.threads().stream())
                .forEach(thread -> thread.failure().ifPresent(cause -> {
                    throw new IllegalStateException("a part of the stream stopped", cause);
                }));
        return groups.poll(POLL).stream().map(ConsumerRecord::value).toList();
    }

    /**
     * The adapter of a version, as it is published with it.
     *
     * @param update to be completed by what it promises of the adapter
     * @return the records that carry it
     */
    List<ProducerRecord<String, SpecificRecord>> adapter(PolicyUpdate.Builder update) {
        adapter = parts.next().apply(adapter);
        byte[] file = adapter.toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks =
                records.chunks(update.getSpecialty(), update.getVersion(), file);
        update.setAdapterHash(adapter.hash())
                .setAdapterBytes(file.length)
                .setChunks(chunks.size())
                .setAdapterSha256(AdapterRecords.fileSha256(chunks));
        return chunks;
    }

    /** What removes the adapter of a version again. */
    List<ProducerRecord<String, SpecificRecord>> tombstones(PolicyUpdate update) {
        return records.tombstones(update);
    }

    /** Stops all of it, as a host that goes down in order; {@link #start} goes on. */
    void stop() {
        services.forEach(Service::close);
        services = List.of();
    }

    /** Starts it again. */
    void start() {
        services = started();
    }

    /** Whether every group that came out has been told of. */
    boolean told() {
        return groups.caughtUp();
    }

    @Override
    public void close() {
        stop();
        groups.close();
    }
}
