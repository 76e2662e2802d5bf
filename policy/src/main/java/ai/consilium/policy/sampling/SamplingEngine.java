package ai.consilium.policy.sampling;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.input.PromptPositions;
import ai.consilium.policy.model.PolicyModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching: requests of several experts are under way at once, in batches of one expert each; a group joins as
 * soon as there is room and leaves when its last sample ends. A group's prefix and its images are encoded once for all of
 * its samples. An expert may be swapped at any time: samples under way keep their keys and values and go on with the new
 * one, and their spans say which policy sampled which token. Noise depends only on (group seed, sample index, position).
 *
 * <p>Requests and experts may come from any thread; one thread at a time steps.
 */
public final class SamplingEngine implements AutoCloseable {
    private final PolicyModel model;
    private final Compute compute;
    private final AdaptedWeights weights;
    private final boolean own;
    private final Map<String, Policy> policies = new HashMap<>();
    private final Deque<DecodeBatch.Ticket> waiting = new ArrayDeque<>();
    private final Set<Long> withdrawn = new HashSet<>();
    private final Set<String> forgotten = new HashSet<>();
    private final Tracks tracks;
    private final BlockingQueue<Track> stepped = new LinkedBlockingQueue<>();
    private long tickets;

    /**
     * What bounds a batch and the memory.
     *
     * @param samples that decode together in a batch; more of the same expert get a batch of their own. A larger group is
     *     still sampled together
     * @param kvCacheBytes of the keys and values of all batches; what has no room waits
     */
    public record Limits(int samples, long kvCacheBytes) {
        /** Checks the range. */
        public Limits {
            if (samples < 1 || kvCacheBytes < 1) {
                throw new IllegalArgumentException("samples and kv_cache_bytes must be at least 1");
            }
        }
    }

    /**
     * An expert's tensors and their name.
     *
     * @param version recorded with every token
     * @param hash recorded with every token
     * @param adapter null is the base
     */
    public record Policy(
            long version, String hash, @Nullable Adapter adapter) {
        /** A version of an adapter. */
        public static Policy of(long version, Adapter adapter) {
            return new Policy(version, adapter.hash(), adapter);
        }
    }

    /**
     * A group to sample with an expert.
     *
     * @param expert name that {@link #use} was given
     * @param temperature 0 decodes greedily
     * @param limits longest completion of each sample, in sample order
     * @param stops whether end-of-text ends a completion; otherwise every completion is as long as its limit
     */
    public record Request(String expert, Sampler.Group group, double temperature, List<Integer> limits, boolean stops) {
        /** Checks that there is a limit for every sample. */
        public Request {
            limits = List.copyOf(limits);
            if (group.instructions().isEmpty()
                    || limits.size() != group.instructions().size()) {
                throw new IllegalArgumentException("a request needs samples, and a limit for each");
            }
            if (!(temperature >= 0) || limits.stream().anyMatch(limit -> limit < 1)) {
                throw new IllegalArgumentException("temperature must not be negative and limits at least 1");
            }
        }

        /** Ordinary sampling. */
        public static Request of(String expert, Sampler.Group group, Sampler.Settings settings) {
            return new Request(
                    expert,
                    group,
                    settings.temperature(),
                    group.instructions().stream()
                            .map(own -> settings.maxTokens())
                            .toList(),
                    true);
        }

        public int samples() {
            return limits.size();
        }

        /** A sample begins with the prompt's last token. */
        public int prefixTokens() {
            return Math.max(1, group.prompt().tokens().length - 1);
        }

        public int instructionTokens() {
            return 1
                    + group.instructions().stream()
                            .mapToInt(own -> own.length)
                            .max()
                            .orElse(0);
        }

        public int mostTokens() {
            return limits.stream().mapToInt(Integer::intValue).max().orElse(0);
        }

        /** Whether two can decode in one batch. */
        boolean goesWith(Request other) {
            return expert.equals(other.expert) && temperature == other.temperature && stops == other.stops;
        }
    }

    /**
     * Which policy sampled which tokens.
     *
     * @param start first token
     * @param end after the last token
     */
    public record Span(int start, int end, long version, String hash) {}

    /**
     * A sample.
     *
     * @param spans cover the completion
     */
    public record Sampled(Sampler.Completion completion, List<Span> spans) {}

    /**
     * A group that has ended.
     *
     * @param ticket what {@link #submit} gave
     * @param samples in sample order
     */
    public record Finished(long ticket, List<Sampled> samples) {}

    /**
     * What the engine has done, summed over its batches.
     *
     * @param prefillSeconds of compute threads
     * @param decodeSeconds of compute threads
     * @param processorSeconds of compute threads, less than the time they took where others use the machine
     * @param steps of decoding
     * @param tokens sampled, those of groups that are still under way included
     * @param decodedTokens all but the first token of each sample
     */
    public record Work(
            double prefillSeconds,
            double decodeSeconds,
            double processorSeconds,
            long steps,
            long tokens,
            long decodedTokens) {}

    /** One that folds every adapter. Memory for keys and values, of the model's precision, is allocated when requests need it. */
    public SamplingEngine(PolicyModel model, Compute compute, Limits limits) {
        this(model, compute, limits, new AdaptedWeights(model, Folding.ALWAYS), true);
    }

    /** @param weights shared with others; the caller closes them */
    public SamplingEngine(PolicyModel model, Compute compute, Limits limits, AdaptedWeights weights) {
        this(model, compute, limits, weights, false);
    }

    private SamplingEngine(PolicyModel model, Compute compute, Limits limits, AdaptedWeights weights, boolean own) {
        this.model = model;
        this.compute = compute;
        this.weights = weights;
        this.own = own;
        this.tracks = new Tracks(model, limits);
    }

    /**
     * From the next step on, this policy samples for the expert, also what is under way.
     *
     * @throws ModelException when its adapter is not one of this model: the expert samples with what it had
     */
    public synchronized void use(String expert, Policy policy) {
        if (policy.adapter() != null) {
            ResidentAdapter.check(policy.adapter(), model.config());
        }
        policies.put(expert, policy);
        forgotten.remove(expert);
    }

    /** Nothing more is asked of the expert; its policy goes when what waits and what is under way has ended. */
    public synchronized void forget(String expert) {
        forgotten.add(expert);
    }

    /**
     * Queues a request.
     *
     * @return its ticket
     * @throws ModelException when it cannot fit in, for what is wrong with its prompt, or when the expert is unknown
     */
    public synchronized long submit(Request request) {
        if (!policies.containsKey(request.expert())) {
            throw new ModelException("no policy for expert " + request.expert());
        }
        PromptPositions.of(request.group().prompt(), model.config());
        tracks.check(request);
        waiting.add(new DecodeBatch.Ticket(++tickets, request));
        return tickets;
    }

    /** Gives a request up, whether it waits or is under way; it will not be among those that ended. */
    public synchronized void withdraw(long ticket) {
        if (!waiting.removeIf(waits -> waits.number() == ticket)) {
            withdrawn.add(ticket);
        }
    }

    /** Whether nothing waits and nothing is under way. Only for the thread that steps. */
    public synchronized boolean isIdle() {
        return waiting.isEmpty() && tracks.isEmpty();
    }

    /**
     * Lets requests join where there is room, starts some tokens of every batch that stands, side by side where compute
     * threads are free, and waits until one of the batches has done its part.
     *
     * @return groups that ended
     */
    public List<Finished> step(Compute.Urgency urgency) throws InterruptedException {
        join();
        for (Track track : tracks.standing()) {
            Policy policy = policy(track.kind().expert());
            track.started(compute.submit(urgency, track.next(weights, policy), () -> stepped.add(track)));
        }
        if (tracks.isEmpty()) {
            return List.of();
        }
        List<Finished> finished = new ArrayList<>();
        try {
            Track next = stepped.take();
            while (next != null) {
                finished.addAll(next.stepped());
                next = stepped.poll();
            }
        } catch (InterruptedException e) {
            tracks.stop();
            throw e;
        }
        return finished;
    }

    /** First come, first served: where the oldest has no room, the younger ones wait too, or it would never get any. */
    private synchronized void join() {
        tracks.withdraw(withdrawn);
        withdrawn.clear();
        forgotten.removeIf(this::forgettable);
        while (!waiting.isEmpty() && tracks.join(waiting.getFirst())) {
            waiting.removeFirst();
        }
    }

    private boolean forgettable(String expert) {
        boolean needed = tracks.samples(expert)
                || waiting.stream().anyMatch(ticket -> ticket.request().expert().equals(expert));
        if (!needed) {
            policies.remove(expert);
        }
        return !needed;
    }

    private synchronized Policy policy(String expert) {
        return Objects.requireNonNull(policies.get(expert));
    }

    /** What it has done so far. Only for the thread that steps. */
    public Work work() {
        DecodeBatch.Work sum = tracks.work();
        return new Work(
                sum.prefillNanos() / 1e9,
                sum.decodeNanos() / 1e9,
                sum.processorNanos() / 1e9,
                sum.steps(),
                sum.tokens(),
                sum.decoded());
    }

    @Override
    public void close() {
        tracks.close();
        if (own) {
            weights.close();
        }
    }
}
