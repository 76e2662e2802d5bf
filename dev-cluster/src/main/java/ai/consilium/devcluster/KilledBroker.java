package ai.consilium.devcluster;

import ai.consilium.platform.Ports;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.UnregisterBrokerOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.utils.Time;

/**
 * The registration that a killed broker leaves behind: the metadata still call it alive and the leader of its partitions,
 * at a port where nobody listens any more. A broker that starts on such metadata resumes the transactions that were about to
 * end, sends their markers to that port until the old registration expires, and at that moment may take the partitions for
 * deleted and drop the markers (KAFKA-20734, Kafka 4.3): the transactions then stay open for ever. Hence the registration
 * is withdrawn first, through a controller without a broker. It also spares the new broker the wait for its expiry.
 */
final class KilledBroker {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(50);

    private KilledBroker() {}

    /**
     * Withdraws the registration; the broker's partitions have no leader until it registers again.
     *
     * @param common settings of the node other than roles and listeners
     * @param host that the controller binds to
     * @param nodeId of controller and broker
     */
    static void unregister(Map<String, String> common, String host, int nodeId) {
        String address = host + ":" + Ports.free();
        Map<String, String> settings = new HashMap<>(common);
        settings.put("process.roles", "controller");
        settings.put("listeners", "CONTROLLER://" + address);
        settings.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT");
        settings.put("controller.quorum.voters", nodeId + "@" + address);
        KafkaRaftServer controller = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
        try {
            controller.startup();
            unregister(address, nodeId);
        } finally {
            controller.shutdown();
            controller.awaitShutdown();
        }
    }

    private static void unregister(String address, int nodeId) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!unregisteredBy(address, nodeId, deadline)) {
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (ExecutionException e) {
            throw new KafkaException("the killed broker's registration could not be withdrawn", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** False while the controller does not know yet what it serves: to its clients it then looks too old. */
    private static boolean unregisteredBy(String address, int nodeId, long deadline)
            throws ExecutionException, InterruptedException {
        int timeoutMs = Math.toIntExact(PATIENCE.toMillis());
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, address))) {
            admin.unregisterBroker(nodeId, new UnregisterBrokerOptions().timeoutMs(timeoutMs))
                    .all()
                    .get();
            return true;
        } catch (ExecutionException e) {
            boolean starting = e.getCause() instanceof UnsupportedVersionException && System.nanoTime() < deadline;
            boolean gone = e.getCause() instanceof BrokerIdNotRegisteredException;
            if (!starting && !gone) {
                throw e;
            }
            return gone;
        }
    }
}
