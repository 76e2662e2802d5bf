package ai.consilium.platform.adapter;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Published adapters, fetched by the update that names them. Nothing comes from here whose tensors do not have the hash that the
 * update names. Remembers the offsets of the chunks that it has seen, so that each record is read once or twice, and reads none that
 * are older than the oldest version that it was asked for. Thread-safe.
 *
 * @param <T> what an adapter is to the caller
 */
public final class AdapterLog<T> implements AutoCloseable {
    private final KafkaClients clients;
    private final PolicyTable policies;
    private final BiFunction<byte[], String, T> read;
    private final Function<T, String> hash;
    private final BinaryOperator<T> together;
    private final Supplier<MessageDigest> digest;
    private @Nullable Under<T> under;
    private final Map<String, AdapterPartition> partitions = new HashMap<>();

    /** The agent under the experts of a round: one for all of their versions. */
    private record Under<T>(String hash, T agent) {}

    /**
     * For one run's policies.
     *
     * @param read from a safetensors file, and its name for messages
     * @param hash of the tensors, as updates name it
     * @param together an adapter, and the agent that lies folded under it, as one over the model itself
     * @param digest SHA-256 of files
     */
    public AdapterLog(
            KafkaClients clients,
            PolicyTable policies,
            BiFunction<byte[], String, T> read,
            Function<T, String> hash,
            BinaryOperator<T> together,
            Supplier<MessageDigest> digest) {
        this.clients = clients;
        this.policies = policies;
        this.read = read;
        this.hash = hash;
        this.together = together;
        this.digest = digest;
    }

    /**
     * The adapter that an update names, over the model itself: where an agent lies folded under it, both together.
     * Waits for chunks whose transaction is committed on the update's partition and not yet on theirs.
     *
     * @throws AdapterGoneException when the version's chunks have been removed
     * @throws AdapterMismatchException when what is on the log is not what the update names
     */
    public T fetch(PolicyUpdate update) {
        return find(update).orElseThrow(() -> new AdapterGoneException(update));
    }

    /**
     * As {@link #fetch}, for a caller that can go on without the version.
     *
     * @return empty when the version's chunks have been removed, or have not come, and nothing else has for 10 s
     * @throws AdapterMismatchException when what is on the log is not what the update names
     */
    public Optional<T> find(PolicyUpdate update) {
        Optional<T> own = partition(update.getSpecialty()).fetch(update).map(file -> verified(file, update));
        FoldedAgent folded = update.getFoldedAgent();
        return own.isEmpty() || folded == null ? own : Optional.of(whole(own.get(), folded, update));
    }

    /** Whether the oldest adapters of a policy were cut off the log, or all of them, which nobody here does: they are removed one by one. */
    public boolean truncated(String policy) {
        return partition(policy).truncated();
    }

    private T whole(T own, FoldedAgent folded, PolicyUpdate update) {
        T whole = together.apply(own, agent(folded, update));
        String found = hash.apply(whole);
        if (!found.equals(folded.getWholeHash())) {
            throw new AdapterMismatchException(
                    update,
                    "with unified version %d under it its tensors have hash %s, its policy update names %s"
                            .formatted(folded.getVersion(), found, folded.getWholeHash()));
        }
        return whole;
    }

    private T agent(FoldedAgent folded, PolicyUpdate over) {
        Under<T> known = under();
        if (known != null && known.hash().equals(folded.getAdapterHash())) {
            return known.agent();
        }
        T agent = fetch(PolicyUpdate.newBuilder(over)
                .setSpecialty(Topics.UNIFIED)
                .setVersion(folded.getVersion())
                .setAdapterHash(folded.getAdapterHash())
                .setAdapterBytes(folded.getAdapterBytes())
                .setChunks(folded.getChunks())
                // Long before the version over it; the update does not say when.
                .setCreatedMs(0)
                .clearFoldedAgent()
                .build());
        keep(new Under<>(folded.getAdapterHash(), agent));
        return agent;
    }

    private synchronized @Nullable Under<T> under() {
        return under;
    }

    private synchronized void keep(Under<T> newest) {
        under = newest;
    }

    private T verified(byte[] file, PolicyUpdate update) {
        T adapter = read.apply(file, name(update));
        String found = hash.apply(adapter);
        if (!found.equals(update.getAdapterHash())) {
            throw new AdapterMismatchException(
                    update, "its tensors have hash " + found + ", its policy update names " + update.getAdapterHash());
        }
        return adapter;
    }

    static String name(PolicyUpdate update) {
        return update.getSpecialty() + " version " + update.getVersion();
    }

    private synchronized AdapterPartition partition(String policy) {
        return partitions.computeIfAbsent(
                policy,
                name -> new AdapterPartition(
                        clients, clients.topic(Topics.ADAPTERS), policies.partition(name), digest));
    }

    @Override
    public synchronized void close() {
        partitions.values().forEach(AdapterPartition::close);
        partitions.clear();
    }
}
