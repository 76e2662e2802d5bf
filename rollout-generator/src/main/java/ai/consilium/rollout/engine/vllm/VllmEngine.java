package ai.consilium.rollout.engine.vllm;

import ai.consilium.cases.prompt.PromptText;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.inference.prompt.PromptEncoder.Encoded;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.service.Impediment;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.Sampling;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Samples on vLLM servers (docs/VLLM.md). Prompts go as messages, whose ids the server must find to be the same as this
 * process; completions come back as ids and are checked. Servers may come and go.
 */
public final class VllmEngine implements InferenceEngine {
    private final PromptEncoder encoder;
    private final SortedSet<Integer> ends;
    private final Fleet fleet;
    private final List<VllmServer> servers;
    private final Set<String> policies = ConcurrentHashMap.newKeySet();
    private final Set<PendingGroup> open = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Throwable failure;

    /**
     * What the engine is made of.
     *
     * @param encoder of the model that the servers serve
     * @param scorer of the same model, which the servers are compared with
     * @param dtype of that model
     * @param directory where adapters are written, unless the configuration names one
     * @param environment variables, by name
     */
    public record Parts(
            PromptEncoder encoder,
            CompletionScorer scorer,
            Precision dtype,
            Path directory,
            MeterRegistry metrics,
            UnaryOperator<@Nullable String> environment) {}

    /**
     * Begins to probe the servers; those that cannot be reached yet are tried again.
     *
     * @throws UsageException when the API key's variable is not set
     */
    public VllmEngine(VllmConfig config, Parts parts) {
        this.encoder = parts.encoder();
        ModelDirectory model = encoder.model();
        this.ends = model.stopTokens().ids();
        CompletionTokens allowed = model.completionTokens();
        List<Integer> never = IntStream.range(0, model.config().vocabulary())
                .filter(id -> !allowed.contains(id))
                .boxed()
                .toList();
        ChatReply replies = new ChatReply(allowed);
        String key = apiKey(config.apiKeyEnv(), parts.environment());
        double tolerance = config.tolerance() > 0 ? config.tolerance() : usualTolerance(parts.dtype());
        Path directory = config.adapterDir().isEmpty() ? parts.directory() : Path.of(config.adapterDir());
        this.fleet = new Fleet(
                config,
                encoder,
                new SampleQueue(),
                new Probe(encoder, parts.scorer(), replies, never, tolerance, config.timeout()),
                replies,
                never,
                new AdapterDirectories(directory, model),
                parts.metrics(),
                new AtomicLong(),
                this::fail);
        HttpClient http = RemoteHttp.client();
        this.servers = config.servers().stream()
                .map(url -> new VllmServer(new ServerClient(http, url, key), fleet))
                .toList();
        servers.forEach(VllmServer::start);
    }

    private static @Nullable String apiKey(String variable, UnaryOperator<@Nullable String> environment) {
        if (variable.isEmpty()) {
            return null;
        }
        String key = environment.apply(variable);
        if (key == null || key.isBlank()) {
            throw new UsageException("rollout.vllm.api_key_env: the environment variable " + variable + " is not set");
        }
        return key.strip();
    }

    /** What was measured, with room (docs/VLLM.md). */
    private static double usualTolerance(Precision dtype) {
        return dtype == Precision.FP32 ? 0.001 : 0.5;
    }

    @Override
    public Prepared prepare(GroupText text) {
        Set<PromptText> distinct = new HashSet<>(text.prompts());
        distinct.forEach(prompt -> ChatPrompt.requireSameForServers(encoder.chat(), text.name(), prompt));
        List<Encoded> encoded = encoder.encode(text.name(), text.prompts(), text.images());
        List<ChatPrompt> prompts = new ArrayList<>();
        for (int i = 0; i < encoded.size(); i++) {
            prompts.add(ChatPrompt.of(encoder, text.name(), text.prompts().get(i), text.images(), encoded.get(i)));
        }
        return new ChatGroup(prompts, text.seed());
    }

    @Override
    public void use(AdapterVersion adapter) {
        policies.add(adapter.policy());
        servers.forEach(server -> server.want(adapter));
    }

    @Override
    public void drop(String policy) {
        policies.remove(policy);
        servers.forEach(server -> server.drop(policy));
    }

    @Override
    public CompletableFuture<List<Completion>> sample(String policy, Prepared group, Sampling sampling) {
        ChatGroup prompts = (ChatGroup) group;
        PendingGroup pending = new PendingGroup(policy, prompts.prompts().size());
        CompletableFuture<List<Completion>> future = pending.future();
        if (!policies.contains(policy)) {
            future.completeExceptionally(new ModelException("no adapter for policy " + policy));
            return future;
        }
        List<SampleRequest> requests = SampleRequest.of(pending, prompts, sampling, ends);
        open.add(pending);
        future.whenComplete((completions, problem) -> {
            open.remove(pending);
            requests.forEach(SampleRequest::giveUp);
        });
        fleet.queue().add(requests);
        Throwable broken = failure;
        if (broken != null) {
            future.completeExceptionally(broken);
        }
        return future;
    }

    private void fail(Throwable cause) {
        failure = cause;
        List.copyOf(open).forEach(group -> group.future().completeExceptionally(cause));
    }

    @Override
    public Work work() {
        long underWay = servers.stream().mapToLong(VllmServer::tokensUnderWay).sum();
        return new Work(fleet.tokens().get() + underWay, Duration.ZERO);
    }

    /** What each server lacks, when none has what the groups that wait need. */
    @Override
    public Optional<String> impediment() {
        Set<String> waiting = fleet.queue().policies();
        List<String> reasons = new ArrayList<>();
        for (VllmServer server : servers) {
            Optional<String> reason = server.impediment(waiting);
            if (reason.isEmpty()) {
                return Optional.empty();
            }
            reasons.add(reason.get());
        }
        return Optional.of(reasons.stream().collect(Collectors.joining("; ")));
    }

    @Override
    public List<Impediment> impediments() {
        return servers.stream().flatMap(server -> server.trouble().stream()).toList();
    }

    @Override
    public void close() {
        fail(new IllegalStateException("the engine is closed"));
        servers.forEach(VllmServer::close);
        fleet.directories().close();
        fleet.probe().close();
    }
}
