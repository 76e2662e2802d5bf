package ai.consilium.policy.sampling;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.MergedWeights;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.input.PromptPositions;
import ai.consilium.policy.model.PolicyModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching: requests of several experts are under way at once, each in a batch of its expert; a group joins as
 * soon as a batch has room and leaves when its last sample ends. A group's prefix and its images are encoded once for all of
 * its samples. An expert may be swapped at any time: samples under way keep their keys and values and go on with the new
 * one, and their spans say which policy sampled which token. Noise depends only on (group seed, sample index, position).
 *
 * <p>Requests and experts may come from any thread; one thread at a time steps.
 */
public final class SamplingEngine implements AutoCloseable {
    private final PolicyModel model;
    private final Compute compute;
    private final Limits limits;
    private final MergedWeights merged;
    private final List<Track> tracks = new ArrayList<>();
    private final Map<String, Policy> policies = new HashMap<>();
    private final Deque<DecodeBatch.Ticket> waiting = new ArrayDeque<>();
    private long tickets;

    /**
     * What bounds the memory: keys and values are allocated for this much, once.
     *
     * @param batches that decode side by side, each with one expert at a time
     * @param groups of a batch
     * @param samples of a batch
     * @param prefixTokens longest common prefix of a group
     * @param sampleTokens longest instruction and completion of a sample together, and one token more
     */
    public record Limits(int batches, int groups, int samples, int prefixTokens, int sampleTokens) {
        /** Checks the range. */
        public Limits {
            positive("batches", batches);
            positive("groups", groups);
            positive("samples", samples);
            positive("prefix_tokens", prefixTokens);
            positive("sample_tokens", sampleTokens);
        }

        private static void positive(String key, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(key + " must be at least 1, not " + value);
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
     * @param steps of decoding
     * @param decodedTokens all but the first token of each sample
     */
    public record Work(double prefillSeconds, double decodeSeconds, long steps, long decodedTokens) {}

    /** A batch and the requests that it takes. */
    private static final class Track {
        private final DecodeBatch batch;
        private @Nullable Request kind;

        Track(DecodeBatch batch) {
            this.batch = batch;
        }
    }

    /** Allocates the keys and values, of the model's precision. */
    public SamplingEngine(PolicyModel model, Compute compute, Limits limits) {
        this.model = model;
        this.compute = compute;
        this.limits = limits;
        this.merged = new MergedWeights(model);
        DecodeBatch.Size size =
                new DecodeBatch.Size(limits.groups(), limits.prefixTokens(), limits.samples(), limits.sampleTokens());
        for (int i = 0; i < limits.batches(); i++) {
            tracks.add(new Track(new DecodeBatch(model, size)));
        }
    }

    /** From the next step on, this policy samples for the expert, also what is under way. */
    public synchronized void use(String expert, Policy policy) {
        policies.put(expert, policy);
    }

    /**
     * Queues a request.
     *
     * @return its ticket
     * @throws ModelException naming the limit that it cannot fit in, what is wrong with its prompt, or that the expert is unknown
     */
    public synchronized long submit(Request request) {
        if (!policies.containsKey(request.expert())) {
            throw new ModelException("no policy for expert " + request.expert());
        }
        PromptPositions.of(request.group().prompt(), model.config());
        within("prefix_tokens", limits.prefixTokens(), request.prefixTokens());
        within("sample_tokens", limits.sampleTokens(), request.instructionTokens() + request.mostTokens());
        within("samples", limits.samples(), request.samples());
        waiting.add(new DecodeBatch.Ticket(++tickets, request));
        return tickets;
    }

    private static void within(String key, int limit, int needed) {
        if (needed > limit) {
            throw new ModelException("request needs " + needed + " " + key + ", the engine has " + limit);
        }
    }

    /** Whether nothing waits and nothing is under way. */
    public synchronized boolean isIdle() {
        return waiting.isEmpty() && tracks.stream().allMatch(track -> track.batch.isEmpty());
    }

    /**
     * Lets requests join where there is room and decodes some tokens of every batch, batches side by side where compute
     * threads are free.
     *
     * @return groups that ended
     */
    public List<Finished> step(Compute.Urgency urgency) throws InterruptedException {
        List<Callable<List<Finished>>> jobs = new ArrayList<>();
        for (Track track : tracks) {
            List<DecodeBatch.Ticket> joining = joining(track);
            Request kind = track.kind;
            if (kind != null && (!joining.isEmpty() || !track.batch.isEmpty())) {
                Policy policy = policy(kind.expert());
                jobs.add(() -> step(track.batch, joining, policy));
            }
        }
        return compute.callAll(urgency, jobs).stream().flatMap(List::stream).toList();
    }

    private List<Finished> step(DecodeBatch batch, List<DecodeBatch.Ticket> joining, Policy policy)
            throws InterruptedException {
        try (MergedWeights.Lease lease = merged.lend(policy.adapter())) {
            DecodeBatch.Decoder decoder = new DecodeBatch.Decoder(lease.weights(), policy);
            if (!joining.isEmpty()) {
                batch.admit(joining, decoder);
            }
            batch.decode(decoder);
            return batch.finished();
        }
    }

    private synchronized Policy policy(String expert) {
        return java.util.Objects.requireNonNull(policies.get(expert));
    }

    /** First come, first served: an empty batch takes the kind of what has waited longest. */
    private synchronized List<DecodeBatch.Ticket> joining(Track track) {
        List<DecodeBatch.Ticket> joining = new ArrayList<>();
        if (waiting.isEmpty()) {
            return joining;
        }
        Request kind = track.kind;
        if (kind == null || track.batch.isEmpty()) {
            kind = waiting.getFirst().request();
            track.kind = kind;
        }
        Iterator<DecodeBatch.Ticket> queue = waiting.iterator();
        while (queue.hasNext()) {
            DecodeBatch.Ticket next = queue.next();
            if (next.request().goesWith(kind)) {
                joining.add(next);
                if (!track.batch.fits(joining)) {
                    joining.remove(joining.size() - 1);
                    break;
                }
                queue.remove();
            }
        }
        return joining;
    }

    /** What it has done so far. Not while it steps. */
    public Work work() {
        DecodeBatch.Work sum = tracks.stream()
                .map(track -> track.batch.work())
                .reduce(new DecodeBatch.Work(0, 0, 0, 0), DecodeBatch.Work::plus);
        return new Work(sum.prefillNanos() / 1e9, sum.decodeNanos() / 1e9, sum.steps(), sum.decoded());
    }

    @Override
    public void close() {
        tracks.forEach(track -> track.batch.close());
        merged.close();
    }
}
