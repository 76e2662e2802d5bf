package ai.consilium.platform.transaction;

import ai.consilium.platform.kafka.KafkaClients;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.DefaultHostResolver;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.NetworkClientUtils;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest.TxnMarkerEntry;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/**
 * Ends a transaction on one partition with a commit. {@code Admin} offers the abort alone, through the same request; it would
 * take back half of a transaction whose other partitions have their commit already.
 */
final class CommitMarker {
    /** Checks the marker's epoch as Admin's abort does: not below the producer's. */
    private static final short UNVERSIONED = 0;

    private CommitMarker() {}

    /**
     * Writes it.
     *
     * @param leader of the partition
     * @throws KafkaException when the broker does not answer, or refuses
     */
    static void write(KafkaClients kafka, Node leader, OpenTransaction transaction, Duration patience) {
        AdminClientConfig config = new AdminClientConfig(kafka.connectionProperties());
        WriteTxnMarkersRequest.Builder request = new WriteTxnMarkersRequest.Builder(List.of(new TxnMarkerEntry(
                transaction.producerId(),
                transaction.producerEpoch(),
                transaction.coordinatorEpoch(),
                TransactionResult.COMMIT,
                List.of(transaction.partition()),
                UNVERSIONED)));
        try (Metrics metrics = new Metrics();
                NetworkClient client = connect(config, leader, metrics, patience)) {
            if (!NetworkClientUtils.awaitReady(client, leader, Time.SYSTEM, patience.toMillis())) {
                throw new KafkaException("broker " + leader.idString() + " does not answer");
            }
            ClientRequest call = client.newClientRequest(leader.idString(), request, Time.SYSTEM.milliseconds(), true);
            WriteTxnMarkersResponse response = (WriteTxnMarkersResponse)
                    NetworkClientUtils.sendAndReceive(client, call, Time.SYSTEM).responseBody();
            Errors error = response.errorsByProducerId()
                    .getOrDefault(transaction.producerId(), Map.of())
                    .getOrDefault(transaction.partition(), Errors.UNKNOWN_SERVER_ERROR);
            if (error != Errors.NONE) {
                throw error.exception();
            }
        } catch (IOException e) {
            throw new KafkaException("broker " + leader.idString() + " does not answer", e);
        }
    }

    private static NetworkClient connect(AdminClientConfig config, Node leader, Metrics metrics, Duration patience) {
        return ClientUtils.createNetworkClient(
                config,
                "consilium-commit-marker",
                metrics,
                "commit-marker",
                new LogContext(),
                new ApiVersions(),
                Time.SYSTEM,
                1,
                Math.toIntExact(patience.toMillis()),
                null,
                new ManualMetadataUpdater(List.of(leader)),
                new DefaultHostResolver(),
                null,
                null);
    }
}
