package ai.consilium.reward;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.Impediment;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.decision.ScorerPanel;
import ai.consilium.reward.decision.ScoringConfigReader;
import ai.consilium.reward.decision.UnscorableException;
import ai.consilium.reward.gaming.GamingWatch;
import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.scorer.PictureReader;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trajectories in, scores out. Each trajectory's Scores are written, to the partition number that it was read from, when the
 * scorers that it needs have spoken, whatever its neighbours wait for; offsets follow up to the oldest trajectory that waits.
 * A crash in between scores again what was not committed; the advantage stream takes the first Scores of a trajectory.
 */
final class RewardLoop implements ServiceThread.Flow {
    private static final Logger LOG = LoggerFactory.getLogger(RewardLoop.class);
    private static final String STAGE = "reward";
    private static final Duration POLL = Duration.ofMillis(200);
    /** While trajectories wait, so that offsets and new records follow closely. */
    private static final Duration POLL_IN_FLIGHT = Duration.ofMillis(10);
    /** What trajectories that wait when the service stops are granted; what is left is scored after the next start. */
    private static final Duration LAST_SCORES = Duration.ofSeconds(2);

    private final RunContext context;
    private final RewardConfig config;
    private final CaseLibrary cases;
    private final PictureReader pictures;
    private final ScoreMetrics meters;
    private volatile List<Impediment> impediments = List.of();

    RewardLoop(RunContext context, RewardConfig config, CaseLibrary cases, PictureReader pictures) {
        this.context = context;
        this.config = config;
        this.cases = cases;
        this.pictures = pictures;
        this.meters = new ScoreMetrics(context.metrics());
    }

    /** The scorers that are down. */
    List<Impediment> impediments() {
        return impediments;
    }

    @Override
    public void run(ServiceThread.Pulse pulse) throws Exception {
        KafkaClients kafka = context.kafka();
        ScorerType.Resources resources = ScorerType.Resources.of(config.http(), context.runId(), pictures);
        try (DeadLetters deadLetters = new DeadLetters(kafka, STAGE);
                RunEvents events = new RunEvents(context, STAGE);
                LogReader<ScoringConfig> configs = new LogReader<>(
                        kafka, Topics.SCORING_CONFIGS, ScoringConfig.class, deadLetters, null, Map.of());
                ScoresWriter writer = new ScoresWriter(kafka, context.instance() + "-" + STAGE, meters);
                ScorerLanes lanes = new ScorerLanes(config, context.metrics());
                TrajectoryIntake intake = new TrajectoryIntake(
                        kafka.consumer(Trajectory.class, kafka.group(STAGE), consumerSettings()),
                        kafka.topic(Topics.TRAJECTORIES),
                        writer)) {
            ScoringConfigReader plans = new ScoringConfigReader(
                    wait -> configs.poll(wait).stream()
                            .map(ConsumerRecord::value)
                            .toList(),
                    plan -> ScorerPanel.of(plan, resources, lanes),
                    config.configWait());
            TrajectoryScoring scoring = new TrajectoryScoring(new RequestReader(cases), plans, writer, gaming(events));
            while (!pulse.stopping()) {
                step(pulse, intake, scoring, lanes, deadLetters);
                writer.requireWritten();
                intake.commitInTime();
            }
            finish(intake, scoring, writer);
        } catch (InterruptedException | InterruptException stopping) {
            if (!pulse.stopping()) {
                throw stopping;
            }
        }
    }

    private GamingWatch gaming(RunEvents events) {
        return new GamingWatch(
                context.metrics(),
                alarm -> {
                    LOG.warn("alarm: {}", alarm);
                    events.emit(EventKind.STARTED, "alarm: " + alarm);
                },
                over -> events.emit(EventKind.STOPPED, "alarm is over: " + over));
    }

    /** Reads what there is room for, begins with it, and takes note of what has been scored. */
    private void step(
            ServiceThread.Pulse pulse,
            TrajectoryIntake intake,
            TrajectoryScoring scoring,
            ScorerLanes lanes,
            DeadLetters deadLetters) {
        impediments = lanes.down();
        Optional<String> down = lanes.awaited();
        boolean room = down.isEmpty() && intake.open() < config.maxInFlight();
        if (down.isPresent()) {
            pulse.waitingFor(down.get());
        } else {
            // A scorer may be slow: it is no stall as long as it answers at all.
            pulse.idle(intake.idle() ? "trajectories" : scoring.waitingFor(intake.open()));
        }
        intake.poll(room, intake.idle() ? POLL : POLL_IN_FLIGHT);
        boolean begun = false;
        while (room && intake.open() < config.maxInFlight() && begin(intake, scoring, deadLetters)) {
            begun = true;
        }
        int settled = intake.settle();
        meters.inFlight(intake.open());
        if (begun || settled > 0) {
            pulse.beat();
        }
    }

    /** Begins with the next record; false when there is none, or its scoring configuration is not there yet. */
    private boolean begin(TrajectoryIntake intake, TrajectoryScoring scoring, DeadLetters deadLetters) {
        ConsumerRecord<String, Decoded<Trajectory>> record = intake.peek();
        if (record == null) {
            return false;
        }
        try {
            TrajectoryScoring.Begun begun = scoring.begin(record);
            if (begun == TrajectoryScoring.Begun.NOT_YET) {
                return false;
            }
            intake.take();
            if (begun == TrajectoryScoring.Begun.NOT_SCORED) {
                intake.done(record);
            }
        } catch (UnscorableException unscorable) {
            meters.unusable();
            deadLetters.put(record, unscorable.reason());
            intake.take();
            intake.done(record);
        }
        return true;
    }

    private static void finish(TrajectoryIntake intake, TrajectoryScoring scoring, ScoresWriter writer)
            throws InterruptedException {
        long until = System.nanoTime() + LAST_SCORES.toNanos();
        while (intake.open() > 0 && System.nanoTime() < until) {
            Thread.sleep(POLL_IN_FLIGHT.toMillis());
            intake.settle();
        }
        scoring.abandon("the reward service stopped before it answered");
        writer.flush();
        writer.requireWritten();
        intake.settle();
        intake.commit();
    }

    private Map<String, Object> consumerSettings() {
        return Map.of("max.poll.records", config.batch(), "session.timeout.ms", 10_000);
    }
}
