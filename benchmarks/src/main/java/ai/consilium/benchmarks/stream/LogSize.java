package ai.consilium.benchmarks.stream;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** What topics of a run take on the disk of its only broker. */
final class LogSize {
    private LogSize() {}

    static long bytes(KafkaClients kafka, List<Topics> which) {
        List<String> topics = which.stream().map(kafka::topic).toList();
        try (Admin admin = kafka.admin()) {
            int broker = admin.describeCluster().nodes().get().iterator().next().id();
            return admin.describeLogDirs(List.of(broker)).allDescriptions().get().values().stream()
                    .flatMap(directories -> directories.values().stream())
                    .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                    .filter(replica -> topics.contains(replica.getKey().topic()))
                    .mapToLong(replica -> replica.getValue().size())
                    .sum();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw new KafkaException("the size of the log cannot be read", e.getCause());
        }
    }
}
