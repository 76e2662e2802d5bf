package ai.consilium.rollout.engine.vllm;

import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.rollout.engine.AdapterVersion;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Has a server complete a prompt with an image, by the route that groups take, and compares its log-probabilities with those
 * that this process computes for the same tokens. Finds another base, other arithmetic, log-probabilities that are not those
 * of the sampled distribution, another chat template or image processor, and an adapter that changes nothing. Thread-safe.
 */
final class Probe implements AutoCloseable {
    /** High, so that what is drawn is not what everybody expects; not 1, so that untempered log-probabilities are found. */
    private static final double TEMPERATURE = 2;

    private static final int TOKENS = 32;
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final int SIDE = 64;
    /**
     * How many times nearer to the base than to the adapter a server without the adapter is. One that has it is as far from
     * both where the adapter does little.
     */
    private static final double CLEAR = 3;

    private final CompletionScorer scorer;
    private final ChatReply replies;
    private final List<Integer> never;
    private final double tolerance;
    private final Duration timeout;
    private final Path image;
    private final ChatPrompt prompt;

    /**
     * How far a server is from this process.
     *
     * @param most largest difference of a token's log-probabilities
     * @param mean difference
     */
    record Difference(double most, double mean) {
        static Difference of(float[] a, float[] b) {
            double most = 0;
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                double difference = Math.abs((double) a[i] - b[i]);
                most = Math.max(most, difference);
                sum += difference;
            }
            return new Difference(most, sum / a.length);
        }
    }

    /**
     * Draws the image and encodes the prompt.
     *
     * @param never ids that no completion may hold
     * @param tolerance largest difference of a token
     * @param timeout of a server's answer; two minutes at most
     */
    Probe(
            PromptEncoder encoder,
            CompletionScorer scorer,
            ChatReply replies,
            List<Integer> never,
            double tolerance,
            Duration timeout) {
        this.scorer = scorer;
        this.replies = replies;
        this.never = never;
        this.tolerance = tolerance;
        this.timeout = timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
        this.image = image();
        PromptText text =
                new PromptText(MarkedText.NONE, 1, MarkedText.written("what does the image show ? look at it"));
        String name = "the probe";
        this.prompt = ChatPrompt.of(
                encoder,
                name,
                text,
                List.of(image),
                encoder.encode(name, List.of(text), List.of(image)).get(0));
    }

    private static Path image() {
        BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                picture.setRGB(x, y, (4 * x) << 16 | (4 * y) << 8 | (x / 8 + y / 8) % 2 * 255);
            }
        }
        try {
            Path file = Files.createTempFile("consilium-probe", ".png");
            ImageIO.write(picture, "png", file.toFile());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Probes an adapter.
     *
     * @param name on the server
     * @throws ServerException naming the difference when it is too large, or much smaller without the adapter
     */
    Difference adapter(ServerClient server, String name, AdapterVersion version)
            throws ServerException, InterruptedException {
        ChatReply.Drawn drawn = draw(server, name);
        float[] ours = ours(version.adapter(), drawn, TEMPERATURE);
        Difference toAdapter = Difference.of(drawn.logprobs(), ours);
        Difference toBase = Difference.of(drawn.logprobs(), ours(null, drawn, TEMPERATURE));
        if (CLEAR * toBase.mean() < toAdapter.mean()) {
            throw ServerException.wrong(
                    "adapter %s changes nothing: its log-probabilities are those of the base (mean difference %.1e, to the adapter's %.1e)"
                            .formatted(name, toBase.mean(), toAdapter.mean()));
        }
        return compare(name, version.adapter(), drawn, toAdapter);
    }

    private ChatReply.Drawn draw(ServerClient server, String model) throws ServerException, InterruptedException {
        long seed = ThreadLocalRandom.current().nextLong(1L << 32);
        Draw draw = new Draw(1, TEMPERATURE, TOKENS, Collections.emptySortedSet(), seed);
        byte[] body = ChatRequest.body(model, prompt, draw, never);
        byte[] reply = server.chat(body, timeout, ChatReply.mostBytes(prompt, draw), sent -> {});
        return replies.read(reply, model, prompt, draw).get(0);
    }

    private float[] ours(@Nullable Adapter adapter, ChatReply.Drawn drawn, double temperature)
            throws InterruptedException {
        PromptEncoder.Encoded encoded = prompt.encoded();
        return scorer.logprobs(adapter, encoded.prefix(), encoded.instruction(), drawn.tokens(), temperature);
    }

    private Difference compare(String model, Adapter adapter, ChatReply.Drawn drawn, Difference difference)
            throws ServerException, InterruptedException {
        if (difference.most() <= tolerance) {
            return difference;
        }
        Difference untempered = Difference.of(drawn.logprobs(), ours(adapter, drawn, 1));
        if (untempered.most() <= tolerance) {
            throw ServerException.wrong("its log-probabilities are not those of the sampled distribution: start it with"
                    + " --logprobs-mode processed_logprobs");
        }
        throw ServerException.wrong(
                "the log-probabilities of %s differ from this process's own by up to %.3g, mean %.3g; rollout.vllm.tolerance is %.3g"
                        .formatted(model, difference.most(), difference.mean(), tolerance));
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
