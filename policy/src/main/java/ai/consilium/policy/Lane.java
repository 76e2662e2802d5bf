package ai.consilium.policy;

import ai.consilium.policy.SamplingEngine.Finished;
import ai.consilium.policy.SamplingEngine.Policy;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples that decode together with one policy: keys and values allocated once, groups that join and leave while others go
 * on. Rows that end leave at once, so that every step computes live rows only. One thread at a time.
 */
final class Lane implements AutoCloseable {
    /** Tokens between two looks at who has ended and who waits. */
    private static final int RUN = 8;
    /** Most tokens, padding included, that are prefilled at once. */
    private static final int PREFILL_TOKENS = 4096;

    private final PolicyModel model;
    private final Size size;
    private final Scope scope = Scope.open();
    private final Tensor prefix;
    private final Tensor own;
    private final Tensor prefixMask;
    private final Tensor ownMask;
    private final int end;
    private List<LiveGroup> groups = new ArrayList<>();
    private List<Row> rows = new ArrayList<>();
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
     * @param rows samples
     * @param sampleTokens of a sample: the prompt's last token, its instruction and its completion
     */
    record Size(int groups, int prefixTokens, int rows, int sampleTokens) {
        long slots() {
            return (long) groups * prefixTokens + (long) rows * sampleTokens;
        }
    }

    /** A request with its number. */
    record Ticket(long number, SamplingEngine.Request request) {}

    /** The policy that the next tokens are sampled with. */
    record Decoder(PolicyModel.Weights weights, Policy policy) {}

    Lane(PolicyModel model, Precision precision, Size size) {
        this.model = model;
        this.size = size;
        List<Tensor> cache = script().call(
                        scope,
                        "allocate",
                        size.groups(),
                        size.prefixTokens(),
                        size.rows(),
                        size.sampleTokens(),
                        precision.dtype());
        prefix = cache.get(0);
        own = cache.get(1);
        prefixMask = cache.get(2);
        ownMask = cache.get(3);
        end = model.directory().tokenizer().id(Sampler.END);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Whether requests can join as they are now, all together. */
    boolean fits(List<Ticket> joining) {
        int more = 0;
        int instruction = instructionSlots;
        int limit = 0;
        for (Ticket ticket : joining) {
            SamplingEngine.Request request = ticket.request();
            more += request.samples();
            instruction = Math.max(instruction, request.instructionTokens());
            limit = Math.max(limit, request.mostTokens());
        }
        return groups.size() + joining.size() <= size.groups()
                && rows.size() + more <= size.rows()
                && instruction + limit <= size.sampleTokens()
                && (isEmpty() || instruction == instructionSlots);
    }

    /** Prefills requests that fit and samples the first token of each sample. */
    void admit(List<Ticket> joining, Decoder decoder) throws InterruptedException {
        long start = System.nanoTime();
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
        int firstRow = rows.size();
        int next = 0;
        for (Ticket ticket : chunk) {
            List<Long> positions = new ArrayList<>();
            for (int i = 0; i < ticket.request().samples(); i++) {
                positions.add(batch.next()[next++]);
            }
            LiveGroup group = new LiveGroup(
                    ticket.request(), ticket.number(), batch.prefix().width(), positions);
            groups.add(group);
            rows.addAll(group.rows());
        }
        List<Row> begun = rows.subList(firstRow, rows.size());
        try (Scope step = Scope.open()) {
            take(begun, prefill(chunk, batch, firstGroup, firstRow, decoder.weights(), step), decoder.policy());
        }
        leave();
    }

    private List<Tensor> prefill(
            List<Ticket> chunk,
            PackedBatch batch,
            int firstGroup,
            int firstRow,
            PolicyModel.Weights weights,
            Scope step) {
        List<EncodedPrompt> prompts =
                chunk.stream().map(ticket -> ticket.request().group().prompt()).toList();
        DeviceBatch device = DeviceBatch.of(model, weights, prompts, batch, step);
        script().call(
                        step,
                        "enter",
                        device.embedded(),
                        device.valid(),
                        device.turned().cos(),
                        device.turned().sin(),
                        weights.decoder(),
                        prefix,
                        prefixMask,
                        firstGroup);
        List<Row> begun = rows.subList(firstRow, rows.size());
        GroupGrid grid = GroupGrid.of(groups.subList(firstGroup, groups.size()), begun);
        return script().call(
                        step,
                        "begin",
                        device.tokens(),
                        device.sampleValid(),
                        device.sampleTurned().cos(),
                        device.sampleTurned().sin(),
                        weights.decoder(),
                        prefix,
                        own,
                        prefixMask,
                        ownMask,
                        grid.rows(step),
                        grid.places(step),
                        noise(begun, 1, step),
                        firstRow,
                        instructionSlots,
                        firstGroup,
                        groups.size() - firstGroup,
                        chunk.get(0).request().temperature());
    }

    /** Decodes a run of tokens. */
    void decode(Decoder decoder) throws InterruptedException {
        heedInterrupt();
        if (isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        int count = rows.size();
        int before = rows.stream().mapToInt(Row::left).sum();
        int run = Math.min(RUN, rows.stream().mapToInt(Row::left).max().orElse(0));
        long[] last = new long[count];
        long[] left = new long[count];
        long[] positions = new long[3 * count * run];
        for (int r = 0; r < count; r++) {
            Row row = rows.get(r);
            last[r] = row.last();
            left[r] = row.left();
            for (int i = 0; i < 3 * run; i++) {
                positions[(i / run * count + r) * run + i % run] = row.position() + i % run;
            }
        }
        SamplingEngine.Request like = groups.get(0).request();
        try (Scope step = Scope.open()) {
            DeviceBatch.Turned turned = DeviceBatch.turned(model, step, positions, count, run);
            GroupGrid grid = GroupGrid.of(groups, rows);
            List<Tensor> chosen = script().call(
                            step,
                            "decode",
                            step.longs(last, count),
                            step.longs(left, count),
                            decoder.weights().decoder(),
                            prefix,
                            own,
                            prefixMask,
                            ownMask,
                            grid.rows(step),
                            grid.places(step),
                            turned.cos(),
                            turned.sin(),
                            noise(rows, run, step),
                            groups.size(),
                            groups.stream()
                                    .mapToInt(LiveGroup::prefixTokens)
                                    .max()
                                    .orElse(1),
                            instructionSlots,
                            time,
                            like.temperature(),
                            endOf(like));
            int steps = Math.toIntExact(chosen.get(0).size() / count);
            time += steps;
            take(rows, chosen, decoder.policy());
            int decoded = before - rows.stream().mapToInt(Row::left).sum();
            leave();
            work = work.plus(new Work(0, System.nanoTime() - start, steps, decoded));
        }
    }

    private int endOf(SamplingEngine.Request request) {
        return request.stops() ? end : -1;
    }

    private static Tensor noise(List<Row> of, int count, Scope step) {
        float[] noise = new float[of.size() * count];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = of.get(i / count).noise(i % count);
        }
        return step.floats(noise, of.size(), count);
    }

    private void take(List<Row> of, List<Tensor> chosen, Policy policy) {
        long[] tokens = chosen.get(0).longs();
        float[] logprobs = chosen.get(1).floats();
        int count = tokens.length / of.size();
        for (int i = 0; i < tokens.length; i++) {
            Row row = of.get(i / count);
            row.add((int) tokens[i], logprobs[i], endOf(row.group().request()), policy);
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
        groups.stream().filter(LiveGroup::ended).map(LiveGroup::finished).forEach(finished::add);
        Places<Row> left = Places.of(rows, row -> !row.ended());
        move(own, ownMask, left);
        rows = left.inOrder();
        Places<LiveGroup> open = Places.of(groups, group -> !group.ended());
        move(prefix, prefixMask, open);
        groups = open.inOrder();
        if (isEmpty()) {
            time = 0;
            instructionSlots = 0;
        }
    }

    private void move(Tensor cache, Tensor mask, Places<?> places) {
        if (places.to().length > 0) {
            try (Scope step = Scope.open()) {
                script().call(
                                step,
                                "move",
                                cache,
                                mask,
                                step.longs(places.to(), places.to().length),
                                step.longs(places.from(), places.from().length));
            }
        }
    }

    private static void heedInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("sampling was interrupted");
        }
    }

    private Script script() {
        return model.script();
    }

    @Override
    public void close() {
        scope.close();
    }
}
