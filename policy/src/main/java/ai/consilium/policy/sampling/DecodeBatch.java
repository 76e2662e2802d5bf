package ai.consilium.policy.sampling;

import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.SamplingEngine.Finished;
import ai.consilium.policy.sampling.SamplingEngine.Policy;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples that decode together with one policy: keys and values allocated once, groups that join and leave while others go
 * on. Samples that end leave at once, so that every step computes live samples only. One thread at a time.
 */
final class DecodeBatch implements AutoCloseable {
    /** Tokens between two looks at who has ended and who waits. */
    private static final int RUN = 8;
    /** Most tokens, padding included, that are prefilled at once. */
    private static final int PREFILL_TOKENS = 4096;

    private final PolicyModel model;
    private final Size size;
    private final KvCache cache;
    private final int end;
    private List<ActiveGroup> groups = new ArrayList<>();
    private List<ActiveSample> samples = new ArrayList<>();
    private final List<Finished> finished = new ArrayList<>();
    private int instructionSlots;
    private int time;
    private Work work = new Work(0, 0, 0, 0);

    /**
     * What it has done.
     *
     * @param prefillNanos on the compute thread
     * @param decodeNanos on the compute thread
     * @param steps of decoding
     * @param decoded tokens by steps of decoding
     */
    record Work(long prefillNanos, long decodeNanos, long steps, long decoded) {
        Work plus(Work more) {
            return new Work(
                    prefillNanos + more.prefillNanos,
                    decodeNanos + more.decodeNanos,
                    steps + more.steps,
                    decoded + more.decoded);
        }
    }

    /**
     * Slots of the keys and values.
     *
     * @param groups prefixes
     * @param prefixTokens of a prefix
     * @param samples whose own keys and values it holds
     * @param sampleTokens of a sample: the prompt's last token, its instruction and its completion
     */
    record Size(int groups, int prefixTokens, int samples, int sampleTokens) {
        long slots() {
            return (long) groups * prefixTokens + (long) samples * sampleTokens;
        }
    }

    /** A request with its number. */
    record Ticket(long number, SamplingEngine.Request request) {}

    /** The policy that the next tokens are sampled with. */
    record Decoder(PolicyModel.Weights weights, Policy policy) {}

    DecodeBatch(PolicyModel model, Size size) {
        this.model = model;
        this.size = size;
        this.cache = new KvCache(model, size);
        end = model.directory().tokenizer().id(Sampler.TURN_END);
    }

    boolean isEmpty() {
        return samples.isEmpty();
    }

    /** Whether requests can join as they are now, all together. */
    boolean fits(List<Ticket> joining) {
        int more = 0;
        int instruction = isEmpty() ? 0 : instructionSlots;
        int limit = 0;
        for (Ticket ticket : joining) {
            SamplingEngine.Request request = ticket.request();
            more += request.samples();
            instruction = Math.max(instruction, request.instructionTokens());
            limit = Math.max(limit, request.mostTokens());
        }
        return groups.size() + joining.size() <= size.groups()
                && samples.size() + more <= size.samples()
                && instruction + limit <= size.sampleTokens()
                && (isEmpty() || instruction == instructionSlots);
    }

    /** Prefills requests that fit and samples the first token of each sample. */
    void admit(List<Ticket> joining, Decoder decoder) throws InterruptedException {
        long start = System.nanoTime();
        if (isEmpty()) {
            time = 0;
            instructionSlots = 0;
        }
        for (Ticket ticket : joining) {
            instructionSlots = Math.max(instructionSlots, ticket.request().instructionTokens());
        }
        List<Ticket> chunk = new ArrayList<>();
        for (Ticket ticket : joining) {
            chunk.add(ticket);
            if (chunk.size() > 1 && PackedBatch.cost(packed(chunk)) > PREFILL_TOKENS) {
                chunk.remove(chunk.size() - 1);
                prefill(chunk, decoder);
                chunk = new ArrayList<>(List.of(ticket));
            }
        }
        prefill(chunk, decoder);
        work = work.plus(new Work(System.nanoTime() - start, 0, 0, 0));
    }

    private static List<PackedBatch.Group> packed(List<Ticket> tickets) {
        return tickets.stream()
                .map(ticket -> ticket.request().group())
                .map(group -> new PackedBatch.Group(group.prompt(), group.instructions()))
                .toList();
    }

    private void prefill(List<Ticket> chunk, Decoder decoder) throws InterruptedException {
        heedInterrupt();
        PackedBatch batch = PackedBatch.of(model.config(), packed(chunk), true);
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
            DeviceBatch device = DeviceBatch.of(model, decoder.weights(), prompts, batch, step);
            List<Tensor> chosen = cache.prefill(
                    device,
                    decoder.weights().decoder(),
                    groups,
                    samples,
                    firstGroup,
                    firstSample,
                    new KvCache.Clock(instructionSlots, time),
                    choice(),
                    step);
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
        long start = System.nanoTime();
        int count = samples.size();
        int before = samples.stream().mapToInt(ActiveSample::left).sum();
        int run = Math.min(
                RUN, samples.stream().mapToInt(ActiveSample::left).max().orElse(0));
        try (Scope step = Scope.open()) {
            List<Tensor> chosen = cache.decode(
                    decoder.weights().decoder(),
                    groups,
                    samples,
                    run,
                    new KvCache.Clock(instructionSlots, time),
                    choice(),
                    step);
            int steps = Math.toIntExact(chosen.get(0).size() / count);
            time += steps;
            take(samples, chosen, decoder.policy());
            int decoded = before - samples.stream().mapToInt(ActiveSample::left).sum();
            leave();
            work = work.plus(new Work(0, System.nanoTime() - start, steps, decoded));
        }
    }

    /** All requests of a batch are alike in this. */
    private KvCache.Choice choice() {
        SamplingEngine.Request like = groups.get(0).request();
        return new KvCache.Choice(like.temperature(), like.stops() ? end : -1);
    }

    private void take(List<ActiveSample> of, List<Tensor> chosen, Policy policy) {
        long[] tokens = chosen.get(0).longs();
        float[] logprobs = chosen.get(1).floats();
        int count = tokens.length / of.size();
        int ends = choice().end();
        for (int i = 0; i < tokens.length; i++) {
            ActiveSample sample = of.get(i / count);
            sample.add((int) tokens[i], logprobs[i], ends, policy);
        }
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
        groups.stream().filter(ActiveGroup::ended).map(ActiveGroup::finished).forEach(finished::add);
        SlotCompaction<ActiveSample> left = SlotCompaction.of(samples, sample -> !sample.ended());
        cache.moveSamples(left);
        samples = left.inOrder();
        SlotCompaction<ActiveGroup> open = SlotCompaction.of(groups, group -> !group.ended());
        cache.moveGroups(open);
        groups = open.inOrder();
    }

    private static void heedInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("sampling was interrupted");
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
