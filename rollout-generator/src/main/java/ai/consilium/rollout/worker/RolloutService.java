package ai.consilium.rollout.worker;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.Impediment;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.rollout.engine.InferenceEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;

/** Samples prompts with the newest experts, and examinations with the version that each is of, with any number of workers over one engine. Runs until it is closed. */
public final class RolloutService implements Service {
    /** Role name. */
    public static final String ROLE = "rollout";

    private static final Duration PATIENCE_FOR_FIRST_EXPERT = Duration.ofSeconds(10);

    private final String instance;
    private final InferenceEngine engine;
    private final Producer<String, SpecificRecord> producer;
    private final RunEvents events;
    private final RolloutMetrics metrics;
    private final DeadLetters deadLetters;
    private final LatestAdapters adapters;
    private final PinnedAdapters pinned;
    private final List<ServiceThread> threads = new ArrayList<>();

    /**
     * Workers of this process.
     *
     * @param library cases under the data root, the same files as the scheduler's
     * @param layout how they are put
     * @param engine shared by the workers; it is closed with them
     */
    public RolloutService(
            RunContext context,
            RolloutConfig config,
            CaseLibrary library,
            PromptLayout layout,
            InferenceEngine engine) {
        this(context, config, new PromptResolver(library, layout), engine, PATIENCE_FOR_FIRST_EXPERT);
    }

    RolloutService(
            RunContext context,
            RolloutConfig config,
            PromptResolver resolver,
            InferenceEngine engine,
            Duration patience) {
        this.instance = context.instance();
        this.producer = context.kafka().producer(ROLE + "-" + context.instance());
        this.events = new RunEvents(context, ROLE);
        this.deadLetters = new DeadLetters(context.kafka(), ROLE);
        this.engine = engine;
        this.adapters = new LatestAdapters(context, engine::use);
        this.pinned = new PinnedAdapters(context, engine);
        this.metrics = new RolloutMetrics(context, events, engine);
        threads.add(new ServiceThread(ROLE + "-adapters", adapters));
        for (int i = 1; i <= config.workers(); i++) {
            String name = ROLE + "-" + i;
            PromptHandler work = new PromptHandler(
                    context.instance() + "/" + name,
                    resolver,
                    engine,
                    adapters,
                    pinned,
                    new RolloutOutput(context, producer),
                    deadLetters,
                    metrics,
                    patience);
            threads.add(new ServiceThread(name, new RolloutLoop(context, config, work, engine, adapters, metrics)));
        }
    }

    @Override
    public String role() {
        return ROLE;
    }

    @Override
    public void start() {
        threads.forEach(ServiceThread::start);
    }

    @Override
    public List<ServiceThread> threads() {
        return List.copyOf(threads);
    }

    @Override
    public List<Impediment> impediments() {
        List<Impediment> all = new ArrayList<>(engine.impediments());
        adapters.mismatch()
                .ifPresent(reason ->
                        all.add(new Impediment(Impediment.Kind.ADAPTER_REFUSED, "worker " + instance, reason)));
        return all;
    }

    @Override
    public void close() {
        threads.forEach(ServiceThread::close);
        engine.close();
        pinned.close();
        metrics.summarise();
        deadLetters.close();
        events.close();
        producer.close();
    }
}
