package ai.consilium.monitor.watchdog;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.EventKind;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * Looks every second at what is known of the run, and tells of what is wrong when it begins and when it ends: as an event (and so in
 * the log), in {@link MetricNames#ALARM}, to a webhook, and to whoever asks for {@link #alarms()}.
 */
public final class Watchdog implements ServiceThread.Flow {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final RunContext context;
    private final WatchConfig config;
    private final Optional<Webhook> webhook;
    private final RunWatch watch;
    private final AlarmBoard board = new AlarmBoard();
    private volatile List<Alarm> alarms = List.of();
    private volatile boolean caughtUp;

    /** @param webhook that hears of alarms too */
    public Watchdog(RunContext context, WatchConfig config, Optional<Webhook> webhook) {
        this.context = context;
        this.config = config;
        this.webhook = webhook;
        this.watch = new RunWatch(context.instance(), context.policies(), System.currentTimeMillis());
        for (AlarmCause cause : AlarmCause.values()) {
            Gauge.builder(MetricNames.ALARM, this, self -> self.stands(cause) ? 1 : 0)
                    .description("1 while the watchdog sees this")
                    .tag("cause", cause.label())
                    .register(context.metrics());
        }
    }

    /** Takes a record of any topic. */
    public void add(SpecificRecord record) {
        watch.add(record, System.currentTimeMillis());
    }

    /** What was on the log at the start has been read: what is seen from now on is how the run stands. */
    public void caughtUp() {
        caughtUp = true;
    }

    /** What is wrong now, the worst first. */
    public List<Alarm> alarms() {
        return alarms;
    }

    private boolean stands(AlarmCause cause) {
        return alarms.stream().anyMatch(alarm -> alarm.cause().equals(cause.label()));
    }

    @Override
    public void run(ServiceThread.Pulse pulse) throws InterruptedException {
        try (RunEvents events = new RunEvents(context, Stage.MONITOR.label());
                BrokerDisks brokers = new BrokerDisks(context.kafka())) {
            while (!pulse.stopping()) {
                if (caughtUp) {
                    look(events, brokers);
                }
                pulse.beat();
                pulse.idle("the next look");
                pulse.pause(LOOK);
            }
        } finally {
            webhook.ifPresent(Webhook::close);
        }
    }

    private void look(RunEvents events, BrokerDisks brokers) {
        List<Sight.Disk> disks = brokers.disks();
        long nowMs = System.currentTimeMillis();
        Sight sight = watch.at(nowMs, disks);
        AlarmBoard.Changes changes = board.update(WatchRules.of(sight, config), sight.clear(), nowMs);
        alarms = board.alarms();
        changes.begun().forEach(alarm -> {
            events.emit(EventKind.STALLED, alarm.text(), Map.of(), labels(alarm));
            webhook.ifPresent(to -> to.send(alarm, true, nowMs));
        });
        changes.ended().forEach(alarm -> {
            double seconds = (nowMs - alarm.sinceMs()) / 1000.0;
            String subject = alarm.subject().isEmpty() ? "" : " (" + alarm.subject() + ")";
            events.emit(
                    EventKind.PROGRESS,
                    "no longer %s%s, after %.0f s".formatted(alarm.cause(), subject, seconds),
                    Map.of("alarm_seconds", seconds),
                    labels(alarm));
            webhook.ifPresent(to -> to.send(alarm, false, nowMs));
        });
    }

    private static Map<String, String> labels(Alarm alarm) {
        return Map.of(
                "alarm", alarm.cause(),
                "stage", alarm.stage(),
                "subject", alarm.subject(),
                "severity", alarm.severity());
    }
}
