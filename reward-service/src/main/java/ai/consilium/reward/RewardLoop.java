package ai.consilium.reward;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.decision.ScorerPanel;
import ai.consilium.reward.decision.ScoringConfigReader;
import ai.consilium.reward.decision.UnscorableException;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Trajectories in, scores out: one Scores record per trajectory, to the partition number that it was read from, then the
 * offsets. A crash in between scores the batch again; the advantage stream takes the first Scores of a trajectory.
 */
final class RewardLoop implements ServiceThread.Flow {
    private static final String STAGE = "reward";
    private static final Duration POLL = Duration.ofMillis(200);
    /** What a batch grants its shadows once all its scorers have begun: nothing waits for a shadow longer. */
    private static final Duration SHADOW_GRACE = Duration.ofMillis(500);

    /** A trajectory whose scorers are at work. */
    private record Underway(
            ConsumerRecord<String, ?> record, Trajectory trajectory, List<ScorerPanel.Pending> scores) {}

    /** Threads of remote scorers. */
    private record Pools(ExecutorService remote, ExecutorService shadows) {}

    private final RunContext context;
    private final RewardConfig config;
    private final CaseLibrary cases;
    private final ScoreMetrics meters;

    RewardLoop(RunContext context, RewardConfig config, CaseLibrary cases) {
        this.context = context;
        this.config = config;
        this.cases = cases;
        this.meters = new ScoreMetrics(context.metrics());
    }

    @Override
    public void run(ServiceThread.Pulse pulse) throws Exception {
        KafkaClients kafka = context.kafka();
        Pools pools = new Pools(remotePool(), remotePool());
        ScorerType.Resources resources = new ScorerType.Resources(RemoteHttp.client(), System::getenv);
        try (DeadLetters deadLetters = new DeadLetters(kafka, STAGE);
                Consumer<String, Decoded<Trajectory>> trajectories =
                        kafka.consumer(Trajectory.class, kafka.group(STAGE), consumerSettings());
                Producer<String, SpecificRecord> scores = kafka.producer(context.instance() + "-" + STAGE);
                LogReader<ScoringConfig> configs = new LogReader<>(
                        kafka, Topics.SCORING_CONFIGS, ScoringConfig.class, deadLetters, null, Map.of())) {
            ScoringConfigReader plans = new ScoringConfigReader(
                    wait -> configs.poll(wait).stream()
                            .map(ConsumerRecord::value)
                            .toList(),
                    plan -> ScorerPanel.of(plan, resources),
                    config.configWait());
            trajectories.subscribe(List.of(kafka.topic(Topics.TRAJECTORIES)));
            while (!pulse.stopping()) {
                pulse.idle("trajectories");
                ConsumerRecords<String, Decoded<Trajectory>> batch = trajectories.poll(POLL);
                if (!batch.isEmpty()) {
                    write(scores, begin(batch, plans, pools, deadLetters, pulse), pulse);
                    trajectories.commitSync();
                    pulse.beat();
                }
            }
        } catch (InterruptedException | InterruptException stopping) {
            if (!pulse.stopping()) {
                throw stopping;
            }
        } finally {
            pools.remote().shutdownNow();
            pools.shadows().shutdownNow();
        }
    }

    private List<Underway> begin(
            ConsumerRecords<String, Decoded<Trajectory>> batch,
            ScoringConfigReader plans,
            Pools pools,
            DeadLetters deadLetters,
            ServiceThread.Pulse pulse)
            throws InterruptedException {
        List<Underway> underway = new ArrayList<>(batch.count());
        for (ConsumerRecord<String, Decoded<Trajectory>> record : batch) {
            try {
                Optional<Trajectory> trajectory = trajectory(record);
                if (trajectory.isPresent()) {
                    underway.add(begin(record, trajectory.get(), plans, pools, pulse));
                }
            } catch (UnscorableException unscorable) {
                if (pulse.stopping()) {
                    // What could not be waited for is left to the next start: its offset is not committed.
                    throw new InterruptedException(unscorable.reason());
                }
                meters.unusable();
                deadLetters.put(record, unscorable.reason());
            }
        }
        return underway;
    }

    private Underway begin(
            ConsumerRecord<String, ?> record,
            Trajectory trajectory,
            ScoringConfigReader plans,
            Pools pools,
            ServiceThread.Pulse pulse)
            throws UnscorableException, InterruptedException {
        ScorerPanel panel = plans.find(trajectory.getScoringConfigHash(), pulse);
        ScoringRequest submission = new ScoringRequest(
                trajectory.getTrajectoryId(),
                resolve(trajectory.getCaseRef()),
                trajectory.getText(),
                trajectory.getPerspective(),
                trajectory.getFinishReason() == FinishReason.LENGTH);
        return new Underway(record, trajectory, panel.begin(submission, pools.remote(), pools.shadows()));
    }

    /** The trajectory of a record; empty where nobody waits for scores: of a tombstone, or for distillation. */
    private static Optional<Trajectory> trajectory(ConsumerRecord<String, Decoded<Trajectory>> record)
            throws UnscorableException {
        Decoded<Trajectory> decoded = record.value();
        if (decoded == null) {
            return Optional.empty();
        }
        if (decoded.problem() != null) {
            throw new UnscorableException(decoded.problem());
        }
        Trajectory trajectory = decoded.value();
        if (trajectory != null && !trajectory.getGroupId().equals(record.key())) {
            throw new UnscorableException(
                    "key '" + record.key() + "' is not the group id '" + trajectory.getGroupId() + "'");
        }
        String problem = trajectory == null ? null : Purpose.problem(trajectory.getPurpose());
        if (problem != null) {
            throw new UnscorableException(problem);
        }
        return Optional.ofNullable(trajectory).filter(one -> !one.getPurpose().equals(Purpose.DISTILL));
    }

    /** Other case files than the run's are this host's fault, and would make every trajectory a dead letter. */
    private Case resolve(CaseRef ref) throws UnscorableException {
        try {
            return cases.resolve(ref.getFile(), ref.getFileSha256(), ref.getId());
        } catch (CaseFileMismatchException here) {
            throw new UsageException("data_root: " + here.getMessage(), here);
        } catch (CaseException unusable) {
            throw new UnscorableException(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    private void write(Producer<String, SpecificRecord> producer, List<Underway> underway, ServiceThread.Pulse pulse)
            throws Exception {
        long shadowsUntilNs = System.nanoTime() + SHADOW_GRACE.toNanos();
        List<Future<RecordMetadata>> written = new ArrayList<>(underway.size());
        for (Underway one : underway) {
            pulse.waitingFor("scorers");
            Scores scores = new Scores(
                    one.trajectory().getTrajectoryId(),
                    one.trajectory().getGroupId(),
                    one.trajectory().getSampleIndex(),
                    one.trajectory().getScoringConfigHash(),
                    ScorerPanel.await(one.scores(), shadowsUntilNs),
                    System.currentTimeMillis());
            meters.scored(scores);
            written.add(producer.send(new ProducerRecord<>(
                    context.kafka().topic(Topics.SCORES), one.record().partition(), scores.getGroupId(), scores)));
            pulse.beat();
        }
        producer.flush();
        for (Future<RecordMetadata> record : written) {
            record.get();
        }
    }

    /** A batch may take as long as its slowest remote scorers; the group must not take the member for dead meanwhile. */
    private Map<String, Object> consumerSettings() {
        long perTry = config.http().timeout().toMillis() + 10_000;
        long remote = config.scorers().stream()
                .filter(scorer -> scorer.keys().remote())
                .count();
        long rounds = 1 + remote * config.batch() / config.concurrency();
        long longest = rounds * (config.http().retries() + 1) * perTry
                + config.configWait().toMillis();
        return Map.of(
                "max.poll.records",
                config.batch(),
                "max.poll.interval.ms",
                (int) Math.min(Integer.MAX_VALUE, Math.max(300_000, longest)),
                "session.timeout.ms",
                10_000);
    }

    private ExecutorService remotePool() {
        return Executors.newFixedThreadPool(config.concurrency(), work -> {
            Thread thread = new Thread(work, "reward-remote");
            thread.setDaemon(true);
            return thread;
        });
    }
}
