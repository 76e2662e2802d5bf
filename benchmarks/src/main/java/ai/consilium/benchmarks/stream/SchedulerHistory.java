package ai.consilium.benchmarks.stream;

import ai.consilium.benchmarks.model.ProcessMemory;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.ScoringOffers;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.rollout.scheduler.SchedulerConfig;
import ai.consilium.rollout.scheduler.SchedulerService;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A long run as its scheduler sees it: real prompts, and a stand-in for learners, which publishes a version as soon as it has its
 * groups. What lies between is real too ({@link WholeStream}), or the stand-in takes its place: then it ends one group of ten as
 * filtered and publishes versions without an adapter. One thread only.
 */
public final class SchedulerHistory implements AutoCloseable {
    private static final int ONE_IN = 10;
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final RunContext context;
    private final SchedulerConfig config;
    private final CaseLibrary cases;
    private final Path books;
    private final Optional<WholeStream> stream;
    private final long nanosAVersion;
    private final Producer<String, SpecificRecord> producer;
    private final LogReader<Prompt> prompts;
    private final OutcomeFactory outcomes = new OutcomeFactory("bench");
    private final Map<String, Queue<String>> waiting = new HashMap<>();
    private final Map<String, PolicyUpdate> newest = new HashMap<>();
    private long groups;
    private long ready;
    private long due = System.nanoTime();

    /**
     * How a scheduler fares at some point of a run.
     *
     * @param versions of each specialty
     * @param groups that have been opened
     * @param heapMib what it holds, after a collection: with broker and stand-in, which hold as much at any time
     * @param booksKib size of the file that holds its books
     * @param restartSeconds from its start to its first prompt, with that file
     * @param rebuildSeconds the same without, when it reads the log from the beginning
     * @param logBytesPerGroup what prompts, outcomes and updates take on the broker's disk
     * @param anonymousGb memory of the process that no file backs
     * @param streamBytesPerGroup what trajectories, scores and training groups take; 0 where the stand-in takes their place
     * @param streamRestartSeconds from a new start of workers, rewards and advantages to the first group that comes out; 0 likewise
     * @param trajectoriesPerSecond since the point before, restarts left out; 0 likewise
     */
    public record Point(
            long versions,
            long groups,
            double heapMib,
            double booksKib,
            double restartSeconds,
            double rebuildSeconds,
            double logBytesPerGroup,
            double anonymousGb,
            double streamBytesPerGroup,
            double streamRestartSeconds,
            double trajectoriesPerSecond) {}

    /**
     * Begins: every specialty has version 0.
     *
     * @param books file in which the scheduler keeps what it knows
     * @param stream what lies between scheduler and learners; empty: the stand-in takes its place
     * @param rate trajectories a second that are trained on at most; 0 for as many as there are
     */
    public SchedulerHistory(
            RunContext context,
            SchedulerConfig config,
            CaseLibrary cases,
            Path books,
            Optional<WholeStream> stream,
            double rate) {
        this.context = context;
        this.config = config;
        this.cases = cases;
        this.books = books;
        this.stream = stream;
        this.nanosAVersion = rate == 0 ? 0 : (long) (1e9 * config.plan().batchSize() * config.groupSize() / rate);
        KafkaClients kafka = context.kafka();
        this.producer = kafka.transactionalProducer(kafka.group("bench-stand-in"));
        producer.initTransactions();
        this.prompts = new LogReader<>(kafka, Topics.PROMPTS, Prompt.class, UnusableRecords.LOGGED, null, Map.of());
        for (String specialty : context.specialties()) {
            publish(specialty, 0, List.of());
        }
    }

    /**
     * Runs until every specialty has so many versions, and stops the scheduler at some of them.
     *
     * @param points at how many, evenly
     * @param hears of each
     */
    public void run(int versionsOfEach, int points, Consumer<Point> hears) throws IOException {
        SchedulerService scheduler = scheduler(Optional.of(books));
        try {
            scheduler.start();
            for (int point = 1; point <= points; point++) {
                long until = (long) versionsOfEach * point / points;
                long before = ready;
                long begun = System.nanoTime();
                while (newest.values().stream().anyMatch(update -> update.getVersion() < until)) {
                    follow(until);
                }
                double rate = (ready - before) * config.groupSize() / ((System.nanoTime() - begun) / 1e9);
                double heap = Heap.usedMib();
                closeWithWork(scheduler);
                scheduler = scheduler(Optional.empty());
                double rebuilt = secondsToFirstPrompt(scheduler);
                closeWithWork(scheduler);
                scheduler = scheduler(Optional.of(books));
                double restarted = secondsToFirstPrompt(scheduler);
                double streamRestarted = stream.isPresent() ? secondsToFirstGroup(stream.get()) : 0;
                hears.accept(new Point(
                        until,
                        groups,
                        heap,
                        Files.size(books) / 1024.0,
                        restarted,
                        rebuilt,
                        perGroup(Topics.PROMPTS, Topics.GROUP_OUTCOMES, Topics.POLICY_UPDATES),
                        ProcessMemory.read().anonymous(),
                        stream.isPresent() ? perGroup(Topics.TRAJECTORIES, Topics.SCORES, Topics.TRAINING_GROUPS) : 0,
                        streamRestarted,
                        stream.isPresent() ? rate : 0));
            }
        } finally {
            scheduler.close();
        }
    }

    /** Starts a scheduler, for which there is a prompt to write at once. */
    private double secondsToFirstPrompt(SchedulerService scheduler) {
        publishNext(context.specialties().get(0), Long.MAX_VALUE);
        long before = groups;
        return secondsUntil(scheduler::start, () -> groups > before, "no prompt came");
    }

    /** Stops and starts what lies between scheduler and learners; prompts are on their way. */
    private double secondsToFirstGroup(WholeStream between) {
        publishNext(context.specialties().get(0), Long.MAX_VALUE);
        between.stop();
        while (!between.told()) {
            take();
        }
        long before = ready;
        return secondsUntil(between::start, () -> ready > before, "no group came out");
    }

    private double secondsUntil(Runnable start, BooleanSupplier came, String problem) {
        long begun = System.nanoTime();
        start.run();
        while (!came.getAsBoolean()) {
            take();
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new IllegalStateException(problem + " within " + PATIENCE);
            }
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Stops a scheduler once there are groups for the next version, which lets the one after it write prompts. */
    private void closeWithWork(SchedulerService scheduler) {
        while (queue(context.specialties().get(0)).size() < batchAndFiltered()) {
            take();
        }
        scheduler.close();
        while (!prompts.caughtUp()) {
            take();
        }
    }

    private int batchAndFiltered() {
        return config.plan().batchSize() + filtered();
    }

    private int filtered() {
        return stream.isPresent() ? 0 : config.plan().batchSize() / ONE_IN;
    }

    private void follow(long until) {
        take();
        for (String specialty : context.specialties()) {
            long now = System.nanoTime();
            if (now >= due && publishNext(specialty, until)) {
                due = Math.max(due, now - nanosAVersion) + nanosAVersion;
            }
        }
    }

    private void take() {
        prompts.poll(POLL).forEach(record -> {
            groups++;
            if (stream.isEmpty()) {
                ready(record.value().getSpecialty(), record.value().getGroupId());
            }
        });
        stream.ifPresent(
                between -> between.trainable().forEach(group -> ready(group.getSpecialty(), group.getGroupId())));
    }

    private void ready(String specialty, String group) {
        ready++;
        queue(specialty).add(group);
    }

    /** @return whether there were groups enough */
    private boolean publishNext(String specialty, long until) {
        Queue<String> groupsOf = queue(specialty);
        long next = Objects.requireNonNull(newest.get(specialty)).getVersion() + 1;
        if (next > until || groupsOf.size() < batchAndFiltered()) {
            return false;
        }
        producer.beginTransaction();
        for (int i = 0; i < filtered(); i++) {
            String id = groupsOf.remove();
            send(Topics.GROUP_OUTCOMES, id, outcomes.untrained(id, specialty, Outcome.FILTERED, "stand-in", now()));
        }
        producer.commitTransaction();
        List<String> trained = new ArrayList<>();
        for (int i = 0; i < config.plan().batchSize(); i++) {
            trained.add(groupsOf.remove());
        }
        publish(specialty, next, trained);
        return true;
    }

    private void publish(String specialty, long version, List<String> trained) {
        PolicyUpdate.Builder update = PolicyUpdate.newBuilder()
                .setSpecialty(specialty)
                .setVersion(version)
                .setKind(version == 0 ? UpdateKind.DSA : UpdateKind.REINFORCEMENT)
                .setFinalVersion(false)
                .setParents(List.of())
                .setAdapterHash("none")
                .setAdapterBytes(0)
                .setChunks(0)
                .setFigures(Map.of())
                .setConsumed(List.of())
                .setGroupIds(trained)
                .setConfigHash("none")
                .setWriter("bench")
                .setCreatedMs(now());
        producer.beginTransaction();
        stream.ifPresent(between -> between.adapter(update).forEach(producer::send));
        PolicyUpdate published = update.build();
        send(Topics.POLICY_UPDATES, specialty, published);
        trained.forEach(id -> send(Topics.GROUP_OUTCOMES, id, outcomes.trained(id, specialty, version, now())));
        PolicyUpdate superseded = newest.put(specialty, published);
        if (superseded != null) {
            stream.ifPresent(between -> between.tombstones(superseded).forEach(producer::send));
        }
        producer.commitTransaction();
    }

    private void send(Topics topic, String key, SpecificRecord value) {
        producer.send(new ProducerRecord<>(context.kafka().topic(topic), key, value));
    }

    private Queue<String> queue(String specialty) {
        return waiting.computeIfAbsent(specialty, none -> new ArrayDeque<>());
    }

    private SchedulerService scheduler(Optional<Path> file) {
        return new SchedulerService(
                context,
                config,
                ConsolidationPlan.NONE,
                ValidationPlan.NONE,
                1,
                cases,
                stream.map(WholeStream::scoring).orElseGet(SyntheticGroups::config),
                ScoringOffers.NONE,
                file);
    }

    private double perGroup(Topics... topics) {
        return (double) LogSize.bytes(context.kafka(), List.of(topics)) / groups;
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    @Override
    public void close() {
        prompts.close();
        producer.close();
    }
}
