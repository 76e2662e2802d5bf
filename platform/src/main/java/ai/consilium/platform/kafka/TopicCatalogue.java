package ai.consilium.platform.kafka;

import ai.consilium.platform.UsageException;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the topics and schemas of a run into being as {@link Topics} describes them. Safe to do again, and by several at once. */
public final class TopicCatalogue {
    private static final String COMPATIBILITY = "BACKWARD_TRANSITIVE";
    private static final int HTTP_CONFLICT = 409;
    private static final Logger LOG = LoggerFactory.getLogger(TopicCatalogue.class);

    private TopicCatalogue() {}

    /**
     * Creates the topics whose number of partitions no setting decides, so that a role can read the run's manifest before
     * anything depends on its own settings, and registers their schemas.
     */
    public static void createManifests(KafkaClients clients) {
        List<Topics> single = Arrays.stream(Topics.values())
                .filter(topic -> topic.partitioning() == Topics.Partitions.ONE)
                .toList();
        // Their partitions do not depend on the table.
        create(clients, single, PolicyTable.of(List.of()));
    }

    /**
     * Creates the topics that are missing, and the partitions of policies that were added, checks those that exist, and registers their schemas.
     *
     * @param policies the run's
     * @throws UsageException when an existing topic has other partitions than this configuration asks for, or would lose or refuse
     *     records ({@link TopicCheck}), or a subject holds a schema that this version's cannot replace
     */
    public static void create(KafkaClients clients, PolicyTable policies) {
        create(clients, List.of(Topics.values()), policies);
    }

    private static void create(KafkaClients clients, List<Topics> topics, PolicyTable policies) {
        try (Admin admin = clients.admin()) {
            Set<String> known = admin.listTopics().names().get();
            Replication replication = Replication.of(clients);
            List<NewTopic> missing = new ArrayList<>();
            List<String> existing = new ArrayList<>();
            for (Topics topic : topics) {
                String name = clients.topic(topic);
                if (known.contains(name)) {
                    existing.add(name);
                } else {
                    missing.add(TopicSpec.of(topic, clients.settings(), policies, replication)
                            .toCreate());
                }
            }
            createMissing(admin, missing, existing);
            Map<String, TopicDescription> found =
                    admin.describeTopics(existing).allTopicNames().get();
            AddedPartitions added = AddedPartitions.of(clients, policies, found);
            if (added.any()) {
                found = added.to(admin, existing);
            }
            checkPartitions(clients, policies, found);
            checkConfiguration(clients, found, configurations(admin, existing));
        } catch (ExecutionException e) {
            throw new KafkaException("the run's topics could not be created", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
        for (Topics topic : topics) {
            register(clients.registry(), clients.topic(topic) + "-value", topic);
        }
    }

    private static void createMissing(Admin admin, List<NewTopic> missing, List<String> existing)
            throws InterruptedException, ExecutionException {
        for (var created : admin.createTopics(missing).values().entrySet()) {
            try {
                created.getValue().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
                // Another role came first: what it made is checked like any other.
                existing.add(created.getKey());
            }
        }
    }

    /** By topic; empty where this user may not look. */
    private static Map<String, Config> configurations(Admin admin, List<String> topics)
            throws InterruptedException, ExecutionException {
        List<ConfigResource> resources = topics.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<String, Config> configurations = new HashMap<>();
        try {
            admin.describeConfigs(resources)
                    .all()
                    .get()
                    .forEach((resource, config) -> configurations.put(resource.name(), config));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicAuthorizationException)) {
                throw e;
            }
            LOG.warn("retention and record sizes of the run's topics are not checked: no right to DescribeConfigs");
        }
        return configurations;
    }

    private static void checkConfiguration(
            KafkaClients clients, Map<String, TopicDescription> topics, Map<String, Config> configurations) {
        List<String> wrong = new ArrayList<>();
        for (Topics topic : Topics.values()) {
            TopicDescription found = topics.get(clients.topic(topic));
            Config config = configurations.get(clients.topic(topic));
            if (found != null && config != null) {
                int replicas = found.partitions().get(0).replicas().size();
                TopicCheck.problems(topic, replicas, key -> value(config, key))
                        .forEach(problem -> wrong.add(found.name() + ": " + problem));
            }
        }
        if (!wrong.isEmpty()) {
            throw new UsageException("run_id: the cluster has topics of this run that would lose or refuse records: "
                    + String.join("; ", wrong)
                    + ". Alter them (kafka-configs.sh --alter --entity-type topics --entity-name NAME"
                    + " --add-config KEY=VALUE), or delete them and let the run make them");
        }
    }

    private static @Nullable String value(Config config, String key) {
        ConfigEntry entry = config.get(key);
        return entry == null ? null : entry.value();
    }

    private static void checkPartitions(
            KafkaClients clients, PolicyTable policies, Map<String, TopicDescription> existing) {
        Set<String> wrong = new HashSet<>();
        for (Topics topic : Topics.values()) {
            TopicDescription found = existing.get(clients.topic(topic));
            int wanted = topic.partitions(clients.settings().partitions(), policies);
            if (found != null && found.partitions().size() != wanted) {
                wrong.add(found.name() + " has " + found.partitions().size() + " partitions, wanted " + wanted);
            }
        }
        if (!wrong.isEmpty()) {
            throw new UsageException("run_id: the cluster has topics of this run with another number of partitions: "
                    + String.join("; ", wrong) + " (determined by kafka.partitions and specialties)");
        }
    }

    private static void register(SchemaRegistryClient registry, String subject, Topics topic) {
        try {
            registry.updateCompatibility(subject, COMPATIBILITY);
            registry.register(subject, new AvroSchema(topic.schema()));
        } catch (RestClientException e) {
            if (e.getStatus() == HTTP_CONFLICT) {
                throw new UsageException(
                        "schema_registry.url: subject " + subject
                                + " has a schema that is incompatible with this version; choose another run_id",
                        e);
            }
            throw new KafkaException("schema of " + subject + " could not be registered", e);
        } catch (IOException e) {
            throw new UsageException("schema_registry.url: no answer (" + e.getMessage() + ")", e);
        }
    }
}
