package ai.consilium.benchmarks.stream;

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
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A long run as its scheduler sees it: real prompts, and a stand-in for everything else, which ends one group of ten as filtered
 * and publishes versions without an adapter as soon as they have their groups. One thread only.
 */
public final class SchedulerHistory implements AutoCloseable {
    private static final int ONE_IN = 10;
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final RunContext context;
    private final SchedulerConfig config;
    private final CaseLibrary cases;
    private final Path books;
    private final Producer<String, SpecificRecord> producer;
    private final LogReader<Prompt> prompts;
    private final OutcomeFactory outcomes = new OutcomeFactory("bench");
    private final Map<String, Queue<String>> waiting = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    private long groups;

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
     */
    public record Point(
            long versions,
            long groups,
            double heapMib,
            double booksKib,
            double restartSeconds,
            double rebuildSeconds,
            double logBytesPerGroup) {}

    /** @param books file in which the scheduler keeps what it knows */
    public SchedulerHistory(RunContext context, SchedulerConfig config, CaseLibrary cases, Path books) {
        this.context = context;
        this.config = config;
        this.cases = cases;
        this.books = books;
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
                while (versions.values().stream().anyMatch(version -> version < until)) {
                    follow(until);
                }
                double heap = Heap.usedMib();
                closeWithWork(scheduler);
                scheduler = scheduler(Optional.empty());
                double rebuilt = secondsToFirstPrompt(scheduler);
                closeWithWork(scheduler);
                scheduler = scheduler(Optional.of(books));
                double restarted = secondsToFirstPrompt(scheduler);
                hears.accept(new Point(
                        until,
                        groups,
                        heap,
                        Files.size(books) / 1024.0,
                        restarted,
                        rebuilt,
                        (double) logBytes() / groups));
            }
        } finally {
            scheduler.close();
        }
    }

    /** Starts a scheduler, for which there is a prompt to write at once. */
    private double secondsToFirstPrompt(SchedulerService scheduler) {
        publishNext(context.specialties().get(0), Long.MAX_VALUE);
        long before = groups;
        long begun = System.nanoTime();
        scheduler.start();
        while (groups == before) {
            take();
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new IllegalStateException("no prompt came within " + PATIENCE);
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
        return config.plan().batchSize() / ONE_IN;
    }

    private void follow(long until) {
        take();
        context.specialties().forEach(specialty -> publishNext(specialty, until));
    }

    private void take() {
        prompts.poll(POLL).forEach(record -> {
            groups++;
            queue(record.value().getSpecialty()).add(record.value().getGroupId());
        });
    }

    /** @return whether there were groups enough */
    private boolean publishNext(String specialty, long until) {
        Queue<String> groupsOf = queue(specialty);
        long next = Objects.requireNonNull(versions.get(specialty)) + 1;
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
        PolicyUpdate update = PolicyUpdate.newBuilder()
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
                .setCreatedMs(now())
                .build();
        producer.beginTransaction();
        send(Topics.POLICY_UPDATES, specialty, update);
        trained.forEach(id -> send(Topics.GROUP_OUTCOMES, id, outcomes.trained(id, specialty, version, now())));
        producer.commitTransaction();
        versions.put(specialty, version);
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
                SyntheticGroups.config(),
                ScoringOffers.NONE,
                file);
    }

    private long logBytes() {
        return LogSize.bytes(context.kafka(), List.of(Topics.PROMPTS, Topics.GROUP_OUTCOMES, Topics.POLICY_UPDATES));
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
