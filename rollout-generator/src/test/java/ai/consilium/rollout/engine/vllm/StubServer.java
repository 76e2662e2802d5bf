package ai.consilium.rollout.engine.vllm;

import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.SamplingEngine;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.testing.TinyPolicy;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a vLLM server over this project's own model: it samples really, with the adapters that it reads from the
 * directories it is given, unless it is told to lie.
 */
final class StubServer implements AutoCloseable {
    private static final double PROBE = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TinyPolicy policy;
    private final PromptEncoder encoder;
    private final Path scratch;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, Adapter> adapters = new ConcurrentHashMap<>();
    private final Set<Lie> liesToProbes = ConcurrentHashMap.newKeySet();
    private volatile Lie lie = Lie.NONE;
    final AtomicLong generated = new AtomicLong();
    final List<JsonNode> asked = new CopyOnWriteArrayList<>();
    final List<String> loaded = new CopyOnWriteArrayList<>();
    final List<String> unloaded = new CopyOnWriteArrayList<>();
    final List<String> authorizations = new CopyOnWriteArrayList<>();

    /** @param port 0 for a free one */
    StubServer(TinyPolicy policy, PromptEncoder encoder, Path scratch, int port) throws IOException {
        this.policy = policy;
        this.encoder = encoder;
        this.scratch = scratch;
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        http.setExecutor(threads);
        http.createContext("/", this::answer);
        http.start();
    }

    /** From now on, to groups and not to probes. */
    void liesToGroups(Lie told) {
        lie = told;
    }

    /** From now on, to probes. */
    void liesToProbes(Lie told) {
        liesToProbes.clear();
        liesToProbes.add(told);
    }

    int port() {
        return http.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    Set<String> adapters() {
        return Set.copyOf(adapters.keySet());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            authorizations.add(authorization == null ? "" : authorization);
            byte[] body = exchange.getRequestBody().readAllBytes();
            switch (exchange.getRequestURI().getPath()) {
                case "/health" -> reply(exchange, 200, "");
                case "/metrics" ->
                    reply(
                            exchange,
                            200,
                            "# HELP\nvllm:generation_tokens_total{model_name=\"tiny\"} " + generated.get());
                case "/v1/load_lora_adapter" -> load(exchange, JSON.readTree(body));
                case "/v1/unload_lora_adapter" -> unload(exchange, JSON.readTree(body));
                case "/v1/chat/completions" -> chat(exchange, JSON.readTree(body));
                default -> reply(exchange, 404, error("no such route"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void load(HttpExchange exchange, JsonNode request) throws IOException {
        String name = request.path("lora_name").asText();
        if (adapters.containsKey(name)) {
            reply(exchange, 400, error("The lora adapter '" + name + "' has already been loaded."));
            return;
        }
        Path directory = Path.of(request.path("lora_path").asText());
        adapters.put(name, Adapter.readPeft(directory, policy.model().directory()));
        loaded.add(name);
        reply(exchange, 200, "Success");
    }

    private void unload(HttpExchange exchange, JsonNode request) throws IOException {
        String name = request.path("lora_name").asText();
        unloaded.add(name);
        boolean was = adapters.remove(name) != null;
        reply(exchange, was ? 200 : 404, was ? "Success" : error("cannot be found"));
    }

    private void chat(HttpExchange exchange, JsonNode request) throws IOException, InterruptedException {
        boolean probe = request.path("temperature").doubleValue() == PROBE;
        Lie told = probe ? liesToProbes.stream().findFirst().orElse(Lie.NONE) : lie;
        if (!probe) {
            asked.add(request);
        }
        String model = request.path("model").asText();
        if (!adapters.containsKey(model)) {
            reply(exchange, 404, error("The model `" + model + "` does not exist."));
            return;
        }
        switch (told) {
            case HANGS -> closed.await();
            case HANGS_UP -> {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
            }
            case ENDLESS -> endless(exchange);
            case NOT_JSON -> reply(exchange, 200, "<html>");
            case STATUS_500 -> reply(exchange, 500, error("out of memory"));
            case STATUS_404 -> reply(exchange, 404, error("no such thing"));
            default -> {
                ObjectNode reply = completions(request, model, told);
                told.tell(reply);
                reply(exchange, 200, reply.toString());
            }
        }
    }

    private static void endless(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            byte[] blanks = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
            while (true) {
                body.write(blanks);
            }
        }
    }

    private ObjectNode completions(JsonNode request, String model, Lie told) throws InterruptedException, IOException {
        List<Path> images = new ArrayList<>();
        MarkedText text = MarkedText.NONE;
        for (JsonNode part : request.at("/messages/0/content")) {
            if (part.path("type").asText().equals("image_url")) {
                images.add(image(part.at("/image_url/url").asText()));
            } else {
                text = text.plus(MarkedText.written(part.path("text").asText()));
            }
        }
        PromptText asked = new PromptText(MarkedText.NONE, images.size(), text);
        PromptEncoder.Encoded prompt =
                encoder.encode("asked", List.of(asked), images).get(0);
        int n = request.path("n").intValue();
        Adapter adapter = told == Lie.ADAPTER_IGNORED ? null : adapters.get(model);
        List<Sampler.Completion> drawn = sample(request, prompt, adapter, n);

        ObjectNode reply = JSON.createObjectNode().put("model", model);
        ArrayNode ids = reply.putArray("prompt_token_ids");
        Arrays.stream(prompt.prefix().tokens()).forEach(ids::add);
        Arrays.stream(prompt.instruction()).forEach(ids::add);
        ArrayNode choices = reply.putArray("choices");
        for (int i = 0; i < n; i++) {
            float[] logprobs = told == Lie.UNTEMPERED
                    ? new CompletionScorer(policy.model(), policy.compute())
                            .logprobs(
                                    adapter,
                                    prompt.prefix(),
                                    prompt.instruction(),
                                    drawn.get(i).tokens(),
                                    1)
                    : drawn.get(i).logprobs();
            choices.add(choice(i, drawn.get(i), logprobs));
        }
        return reply;
    }

    private List<Sampler.Completion> sample(
            JsonNode request, PromptEncoder.Encoded prompt, @Nullable Adapter adapter, int n)
            throws InterruptedException {
        Sampler.Group group = new Sampler.Group(
                prompt.prefix(),
                Collections.nCopies(n, prompt.instruction()),
                request.path("seed").longValue());
        int most = request.path("max_completion_tokens").intValue();
        try (SamplingEngine engine =
                new SamplingEngine(policy.model(), policy.compute(), new SamplingEngine.Limits(16, 16 << 20))) {
            engine.use("it", new SamplingEngine.Policy(0, "", adapter));
            engine.submit(new SamplingEngine.Request(
                    "it",
                    group,
                    request.path("temperature").doubleValue(),
                    Collections.nCopies(n, most),
                    !request.path("stop_token_ids").isEmpty()));
            List<SamplingEngine.Finished> finished = new ArrayList<>();
            while (!engine.isIdle()) {
                finished.addAll(engine.step(Urgency.SAMPLE));
            }
            return finished.get(0).samples().stream()
                    .map(SamplingEngine.Sampled::completion)
                    .toList();
        }
    }

    private ObjectNode choice(int index, Sampler.Completion drawn, float[] logprobs) {
        ObjectNode choice = JSON.createObjectNode().put("index", index);
        choice.put("finish_reason", drawn.truncated() ? "length" : "stop");
        choice.putObject("message").put("content", encoder.text(drawn.tokens()));
        ArrayNode ids = choice.putArray("token_ids");
        ArrayNode content = choice.putObject("logprobs").putArray("content");
        for (int i = 0; i < drawn.tokens().length; i++) {
            ids.add(drawn.tokens()[i]);
            content.addObject().put("token", "token_id:" + drawn.tokens()[i]).put("logprob", logprobs[i]);
        }
        return choice;
    }

    private Path image(String dataUrl) throws IOException {
        byte[] bytes = Base64.getDecoder().decode(dataUrl.substring(dataUrl.indexOf(',') + 1));
        Path file = scratch.resolve(Integer.toHexString(Arrays.hashCode(bytes)) + ".png");
        synchronized (this) {
            if (!Files.exists(file)) {
                Files.write(file, bytes);
            }
        }
        return file;
    }

    private static String error(String message) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("error").put("message", message);
        return root.toString();
    }

    private static void reply(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** As if it were killed: connections break, and what it held is gone. */
    @Override
    public void close() {
        closed.countDown();
        http.stop(0);
        threads.shutdownNow();
    }
}
