package ai.consilium.policy.sampling;

import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.compute.Compute.Pending;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.SamplingEngine.Finished;
import ai.consilium.policy.sampling.SamplingEngine.Policy;
import ai.consilium.policy.sampling.SamplingEngine.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A batch that decodes beside others, and the requests that join it with its next step. The engine's thread decides who
 * joins, a compute thread steps; what the engine knows of the batch is how it stood after its last step.
 */
final class Track {
    private final DecodeBatch batch;
    private final List<DecodeBatch.Ticket> joining = new ArrayList<>();
    private final Set<Long> leaving = new HashSet<>();
    private @Nullable Request kind;
    private @Nullable Pending<List<Finished>> running;
    private CacheSize size = CacheSize.NONE;
    private int groups;
    private int samples;
    private DecodeBatch.Work work = DecodeBatch.Work.NONE;

    Track(PolicyModel model) {
        batch = new DecodeBatch(model);
    }

    boolean isEmpty() {
        return samples == 0;
    }

    boolean stands() {
        return running == null && !isEmpty();
    }

    /** A request like those that it samples. */
    Request kind() {
        return Objects.requireNonNull(kind, "an empty track");
    }

    /** Samples under way or joining. */
    int samples() {
        return samples;
    }

    /** Slots that it has, or will have with its next step. */
    CacheSize size() {
        return size;
    }

    /**
     * Slots that it needs once a request has joined.
     *
     * @param roomy with room for more
     */
    CacheSize sizeWith(Request request, boolean roomy) {
        CacheSize needed = CacheSize.of(List.of(request));
        if (isEmpty()) {
            boolean suits =
                    size.covers(needed) && size.slots() <= 2 * needed.roomy().slots();
            return suits ? size : roomy ? needed.roomy() : needed;
        }
        CacheSize content = new CacheSize(
                        groups, size.prefixTokens(), samples, size.instructionTokens(), size.completionTokens())
                .plus(needed);
        return size.covers(content) ? size : size.cover(roomy ? content.roomy() : content);
    }

    /** @param room slots to have with the next step */
    void join(DecodeBatch.Ticket ticket, CacheSize room) {
        kind = ticket.request();
        joining.add(ticket);
        groups++;
        samples += ticket.request().samples();
        size = room;
    }

    void withdraw(Set<Long> tickets) {
        leaving.addAll(tickets);
    }

    /** Its next step, for a compute thread: lets in who joins by now, lets go who was given up, and decodes some tokens. */
    Callable<List<Finished>> next(AdaptedWeights weights, Policy policy) {
        List<DecodeBatch.Ticket> entering = List.copyOf(joining);
        Set<Long> given = Set.copyOf(leaving);
        CacheSize room = size;
        joining.clear();
        leaving.clear();
        return () -> {
            try (AdaptedWeights.Lease lease = weights.lend(policy.adapter())) {
                DecodeBatch.Decoder decoder = new DecodeBatch.Decoder(lease, policy);
                if (!entering.isEmpty()) {
                    batch.resize(room);
                    batch.admit(entering, decoder);
                }
                given.forEach(batch::withdraw);
                batch.decode(decoder);
                return batch.finished();
            }
        };
    }

    void started(Pending<List<Finished>> step) {
        running = step;
    }

    /** Its step has ended. @return groups that ended with it */
    List<Finished> stepped() throws InterruptedException {
        Pending<List<Finished>> step = Objects.requireNonNull(running);
        running = null;
        List<Finished> finished = step.result();
        groups = batch.groups() + joining.size();
        samples = batch.samples()
                + joining.stream()
                        .mapToInt(ticket -> ticket.request().samples())
                        .sum();
        work = batch.work();
        return finished;
    }

    void stop() {
        if (running != null) {
            running.withdraw();
        }
    }

    DecodeBatch.Work work() {
        return work;
    }

    /** Gives the slots of an empty track back. */
    void free() {
        batch.free();
        size = CacheSize.NONE;
    }

    void close() {
        stop();
        batch.close();
    }
}
