package ai.consilium.policy.sampling;

import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.SamplingEngine.Finished;
import ai.consilium.policy.sampling.SamplingEngine.Policy;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Samples that decode together with one policy: groups join and leave while others go on. Samples that end leave at once, so
 * that every step computes live samples only. One thread at a time.
 */
final class DecodeBatch implements AutoCloseable {
    /** Most tokens, padding included, that are prefilled at once. */
    private static final int PREFILL_TOKENS = 4096;

    private final PolicyModel model;
    private final SortedSet<Integer> ends;
    private @Nullable KvCache cache;
    private List<ActiveGroup> groups = new ArrayList<>();
    private List<ActiveSample> samples = new ArrayList<>();
    private final List<Finished> finished = new ArrayList<>();
    private int time;
    private RunLength runLength = RunLength.UNKNOWN;
    private Work work = Work.NONE;

    /**
     * What it has done.
     *
     * @param prefillNanos on the compute thread
     * @param decodeNanos on the compute thread
     * @param processorNanos of the compute thread, for both
     * @param steps of decoding
     * @param tokens sampled
     * @param decoded tokens by steps of decoding
     */
    record Work(long prefillNanos, long decodeNanos, long processorNanos, long steps, long tokens, long decoded) {
        static final Work NONE = new Work(0, 0, 0, 0, 0, 0);

        Work plus(Work more) {
            return new Work(
                    prefillNanos + more.prefillNanos,
                    decodeNanos + more.decodeNanos,
                    processorNanos + more.processorNanos,
                    steps + more.steps,
                    tokens + more.tokens,
                    decoded + more.decoded);
        }
    }

    /** A request with its number. */
    record Ticket(long number, SamplingEngine.Request request) {}

    /** The policy that the next tokens are sampled with. */
    record Decoder(AdaptedWeights.Lease weights, Policy policy) {}

    /** An empty batch, without memory for keys and values. */
    DecodeBatch(PolicyModel model) {
        this.model = model;
        ends = model.directory().stopTokens().ids();
    }

    boolean isEmpty() {
        return samples.isEmpty();
    }

    int groups() {
        return groups.size();
    }

    int samples() {
        return samples.size();
    }

    /** Slots that it holds now. */
    CacheSize size() {
        return cache == null ? CacheSize.NONE : cache.size();
    }

    /** Makes room; what is under way moves. An empty batch takes just this, a full one must not be given less than it has. */
    void resize(CacheSize size) {
        KvCache old = cache;
        if (size.equals(size())) {
            return;
        }
        if (old == null || isEmpty()) {
            free();
            cache = new KvCache(model, size);
        } else {
            cache = old.moved(size, groups.size(), samples.size(), time);
            old.close();
        }
    }

    /** Gives its memory back; only while it is empty. */
    void free() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }

    private KvCache cache() {
        return Objects.requireNonNull(cache, "a batch without slots");
    }

    /** Prefills requests that it has room for and samples the first token of each sample. */
    void admit(List<Ticket> joining, Decoder decoder) throws InterruptedException {
        Stopwatch watch = Stopwatch.start();
        if (isEmpty()) {
            time = 0;
        }
        for (List<Ticket> chunk : PackedBatch.chunks(joining, DecodeBatch::packed, PREFILL_TOKENS)) {
            prefill(chunk, decoder);
        }
        long begun =
                joining.stream().mapToInt(ticket -> ticket.request().samples()).sum();
        work = work.plus(new Work(watch.nanos(), 0, watch.processorNanos(), 0, begun, 0));
        runLength = runLength.prefilled(watch.nanos());
    }

    private static PackedBatch.Group packed(Ticket ticket) {
        Sampler.Group group = ticket.request().group();
        return new PackedBatch.Group(group.prompt(), group.instructions());
    }

    private void prefill(List<Ticket> chunk, Decoder decoder) throws InterruptedException {
        heedInterrupt();
        PackedBatch batch = PackedBatch.of(
                model.config(), chunk.stream().map(DecodeBatch::packed).toList(), true);
        int firstGroup = groups.size();
        int firstSample = samples.size();
        int next = 0;
        for (Ticket ticket : chunk) {
            List<Long> positions = new ArrayList<>();
            for (int i = 0; i < ticket.request().samples(); i++) {
                positions.add(batch.next()[next++]);
            }
            ActiveGroup group = new ActiveGroup(
                    ticket.request(), ticket.number(), batch.prefix().width(), positions);
            groups.add(group);
            samples.addAll(group.samples());
        }
        List<EncodedPrompt> prompts =
                chunk.stream().map(ticket -> ticket.request().group().prompt()).toList();
        try (Scope step = Scope.open()) {
            DeviceBatch device = DeviceBatch.of(model, model.weights(), prompts, batch, step);
            List<Tensor> chosen = cache().prefill(
                            device, decoder.weights(), groups, samples, firstGroup, firstSample, choice(), step);
            take(samples.subList(firstSample, samples.size()), chosen, decoder.policy());
        }
        leave();
    }

    /** Decodes a run of tokens. */
    void decode(Decoder decoder) throws InterruptedException {
        heedInterrupt();
        if (isEmpty()) {
            return;
        }
        Stopwatch watch = Stopwatch.start();
        int count = samples.size();
        int before = samples.stream().mapToInt(ActiveSample::left).sum();
        int run = runLength.tokens(
                samples.stream().mapToInt(ActiveSample::left).max().orElse(1));
        try (Scope step = Scope.open()) {
            List<Tensor> chosen = cache().decode(decoder.weights(), groups, samples, run, time, choice(), step);
            int steps = Math.toIntExact(chosen.get(0).size() / count);
            time += steps;
            take(samples, chosen, decoder.policy());
            int decoded = before - samples.stream().mapToInt(ActiveSample::left).sum();
            leave();
            work = work.plus(new Work(0, watch.nanos(), watch.processorNanos(), steps, decoded, decoded));
            runLength = runLength.after(steps, watch.nanos());
        }
    }

    /** All requests of a batch are alike in this. */
    private KvCache.Choice choice() {
        SamplingEngine.Request like = groups.get(0).request();
        return new KvCache.Choice(like.temperature(), like.stops() ? ends : Collections.emptySortedSet());
    }

    private void take(List<ActiveSample> of, List<Tensor> chosen, Policy policy) {
        long[] tokens = chosen.get(0).longs();
        float[] logprobs = chosen.get(1).floats();
        int count = tokens.length / of.size();
        SortedSet<Integer> stops = choice().ends();
        for (int i = 0; i < tokens.length; i++) {
            ActiveSample sample = of.get(i / count);
            sample.add((int) tokens[i], logprobs[i], stops, policy);
        }
    }

    /** Gives a group up: its samples leave with the next step. */
    void withdraw(long ticket) {
        groups.stream().filter(group -> group.ticket() == ticket).forEach(ActiveGroup::withdraw);
    }

    Work work() {
        return work;
    }

    /** Groups whose samples have all ended since the last call. */
    List<Finished> finished() {
        List<Finished> all = List.copyOf(finished);
        finished.clear();
        return all;
    }

    /** Those that have ended make room: the last ones take their slots. */
    private void leave() {
        groups.stream()
                .filter(group -> group.ended() && !group.withdrawn())
                .map(ActiveGroup::finished)
                .forEach(finished::add);
        SlotCompaction<ActiveSample> left = SlotCompaction.of(samples, sample -> !sample.ended());
        cache().moveSamples(left);
        samples = left.inOrder();
        SlotCompaction<ActiveGroup> open = SlotCompaction.of(groups, group -> !group.ended());
        cache().moveGroups(open);
        groups = open.inOrder();
    }

    /** Wall time and processor time of this thread, of which it is all: a compute thread has one operator thread. */
    private record Stopwatch(long startNanos, long startProcessorNanos) {
        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        static Stopwatch start() {
            return new Stopwatch(System.nanoTime(), THREADS.getCurrentThreadCpuTime());
        }

        long nanos() {
            return System.nanoTime() - startNanos;
        }

        long processorNanos() {
            return THREADS.getCurrentThreadCpuTime() - startProcessorNanos;
        }
    }

    private static void heedInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("sampling was interrupted");
        }
    }

    @Override
    public void close() {
        free();
    }
}
