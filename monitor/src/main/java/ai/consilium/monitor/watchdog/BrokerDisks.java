package ai.consilium.monitor.watchdog;

import ai.consilium.platform.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the brokers now and then how much room their log directories have. Brokers that do not say are not asked again. */
final class BrokerDisks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerDisks.class);
    private static final Duration BETWEEN = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Admin admin;
    private List<Sight.Disk> newest = List.of();
    private long askedNs = System.nanoTime() - BETWEEN.toNanos();
    private boolean asks = true;

    BrokerDisks(KafkaClients kafka) {
        this.admin = kafka.admin();
    }

    /** As they were within the last seconds; empty where nobody says. */
    List<Sight.Disk> disks() {
        if (asks && System.nanoTime() - askedNs >= BETWEEN.toNanos()) {
            askedNs = System.nanoTime();
            try {
                newest = ask();
            } catch (ExecutionException e) {
                asks = !(e.getCause() instanceof AuthorizationException
                        || e.getCause() instanceof UnsupportedVersionException);
                unanswered(e.getCause());
            } catch (TimeoutException e) {
                unanswered(e);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
        return newest;
    }

    private static void unanswered(@Nullable Throwable why) {
        LOG.atDebug().addKeyValue("reason", String.valueOf(why)).log("brokers do not say how much room they have");
    }

    private List<Sight.Disk> ask() throws ExecutionException, InterruptedException, TimeoutException {
        long patienceMs = PATIENCE.toMillis();
        List<Integer> brokers = admin.describeCluster().nodes().get(patienceMs, TimeUnit.MILLISECONDS).stream()
                .map(Node::id)
                .toList();
        List<Sight.Disk> disks = new ArrayList<>();
        for (Map.Entry<Integer, Map<String, LogDirDescription>> broker : admin.describeLogDirs(brokers)
                .allDescriptions()
                .get(patienceMs, TimeUnit.MILLISECONDS)
                .entrySet()) {
            broker.getValue()
                    .forEach((path, directory) -> directory
                            .usableBytes()
                            .ifPresent(free ->
                                    disks.add(new Sight.Disk("the log directory of broker " + broker.getKey(), free))));
        }
        return List.copyOf(disks);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
