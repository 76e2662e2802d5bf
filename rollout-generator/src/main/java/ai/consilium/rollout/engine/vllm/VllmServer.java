package ai.consilium.rollout.engine.vllm;

import ai.consilium.platform.service.Impediment;
import ai.consilium.policy.ModelException;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.engine.vllm.LoadedAdapters.Held;
import ai.consilium.schemas.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One server. A thread of its own probes it, loads and unloads adapters and looks after its health; others each keep one
 * request under way. A server that fails, or whose reply is wrong, takes no more requests until it has passed the probe again.
 */
final class VllmServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VllmServer.class);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration HEALTH = Duration.ofSeconds(2);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final int MISSES = 3;
    /** A request that is refused so often, by servers that pass the probe, is refused for good. */
    private static final int REFUSALS = 3;

    private final ServerClient client;
    private final Fleet fleet;
    private final LoadedAdapters adapters;
    private final ServerMeters meters;
    private final Backoff backoff = new Backoff();
    private final TokensUnderWay underWay = new TokensUnderWay();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean up;
    private volatile String state = "connecting";
    /** Why it was put aside, until it samples again. */
    private volatile @Nullable ServerException failure;

    private @Nullable ServerException trouble;

    /** @param fleet what all servers share */
    VllmServer(ServerClient client, Fleet fleet) {
        this.client = client;
        this.fleet = fleet;
        this.adapters = new LoadedAdapters(fleet.config().adapterSlots());
        this.meters = new ServerMeters(fleet.metrics(), client.url().toString(), () -> up);
        String name = "vllm-" + client.url().getAuthority();
        threads.add(new Thread(() -> guarded(this::supervise), name));
        for (int i = 1; i <= fleet.config().concurrency(); i++) {
            threads.add(new Thread(() -> guarded(this::sample), name + "-" + i));
        }
    }

    void start() {
        threads.forEach(thread -> {
            thread.setDaemon(true);
            thread.start();
        });
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private void guarded(Work work) {
        try {
            work.run();
        } catch (InterruptedException closed) {
            // The engine is being closed.
        } catch (RuntimeException | Error e) {
            fleet.failed(e);
        }
    }

    /** From now on this version is to sample for its policy. */
    void want(AdapterVersion version) {
        adapters.want(version);
    }

    /** The policy needs no slot any more. */
    void drop(String policy) {
        adapters.drop(policy);
    }

    /** What keeps it from sampling for these policies. */
    Optional<String> impediment(Set<String> policies) {
        ServerException why = failure;
        return policies.stream().allMatch(adapters::ready)
                ? Optional.empty()
                : Optional.of("vLLM server " + client.url() + ": " + (why == null ? state : why.reason()));
    }

    /** Why it was put aside, until it samples again. */
    Optional<Impediment> trouble() {
        return Optional.ofNullable(failure)
                .map(why -> new Impediment(
                        why.kind() == ServerException.Kind.OUTAGE
                                ? Impediment.Kind.SERVER_DOWN
                                : Impediment.Kind.ADAPTER_REFUSED,
                        client.url().toString(),
                        why.reason()));
    }

    /** Tokens of requests that it has not answered yet. */
    long tokensUnderWay() {
        return underWay.tokens();
    }

    private void supervise() throws InterruptedException {
        while (true) {
            try {
                admit();
                serve();
            } catch (ServerException e) {
                down(e);
            }
            Thread.sleep(backoff.next().toMillis());
        }
    }

    /** From here on it is asked again, once it has an adapter that passes the probe. */
    private void admit() throws ServerException, InterruptedException {
        client.health();
        synchronized (this) {
            trouble = null;
        }
        state = "waiting for adapters";
    }

    private void serve() throws ServerException, InterruptedException {
        long healthNs = System.nanoTime();
        int missed = 0;
        while (true) {
            stopIfTroubled();
            Optional<Held> drained = adapters.drained();
            Optional<AdapterVersion> next = drained.isPresent() ? Optional.empty() : adapters.next();
            if (drained.isPresent()) {
                unload(drained.get());
            } else if (next.isPresent()) {
                load(next.get());
            } else {
                Thread.sleep(LOOK.toMillis());
            }
            if (System.nanoTime() - healthNs >= HEALTH.toNanos()) {
                missed = healthy() ? 0 : missed + 1;
                if (missed == MISSES) {
                    client.cancelAll();
                    throw ServerException.outage("not healthy");
                }
                healthNs = System.nanoTime();
            }
        }
    }

    private boolean healthy() throws InterruptedException {
        try {
            client.health();
            underWay.counted(client.generated());
            return true;
        } catch (ServerException e) {
            return false;
        }
    }

    private synchronized void stopIfTroubled() throws ServerException {
        if (trouble != null) {
            throw trouble;
        }
    }

    private void unload(Held adapter) throws ServerException, InterruptedException {
        if (adapters.last(adapter)) {
            client.unload(adapter.name());
        }
        adapters.remove(adapter);
        fleet.directories().release(adapter.version());
    }

    private void load(AdapterVersion version) throws ServerException, InterruptedException {
        Held loading = adapters.begin(version);
        state = "loading " + loading.name();
        client.load(loading.name(), fleet.directories().acquire(version));
        Probe.Difference difference = fleet.probe().adapter(client, loading.name(), version);
        meters.probed(difference);
        synchronized (this) {
            stopIfTroubled();
            adapters.ready(loading);
        }
        LOG.atLevel(up ? Level.DEBUG : Level.INFO)
                .addKeyValue("server", client.url())
                .addKeyValue("adapter", loading.name())
                .addKeyValue("mismatch", difference.most())
                .log("Samples with an adapter");
        up = true;
        failure = null;
        fleet.queue().wake();
    }

    private void down(ServerException e) {
        up = false;
        adapters.retireAll();
        if (e.kind() == ServerException.Kind.WRONG) {
            client.cancelAll();
        }
        meters.failed(e.kind());
        ServerException before = failure;
        if (before == null || !e.reason().equals(before.reason())) {
            LOG.atWarn()
                    .addKeyValue("server", client.url())
                    .addKeyValue("reason", e.reason())
                    .log("Not used until it passes the probe");
        }
        failure = e;
    }

    private void sample() throws InterruptedException {
        while (true) {
            SampleRequest request = fleet.queue().take(adapters::ready);
            Optional<Held> adapter = adapters.lease(request.policy());
            if (adapter.isEmpty()) {
                fleet.queue().putBack(request);
                continue;
            }
            underWay.began();
            try {
                answer(request, adapter.get());
            } catch (ServerException e) {
                notAnswered(request, e);
            } catch (InterruptedException e) {
                fleet.queue().putBack(request);
                throw e;
            } finally {
                underWay.ended();
                adapters.release(adapter.get());
            }
        }
    }

    private void answer(SampleRequest request, Held adapter) throws ServerException, InterruptedException {
        ChatPrompt prompt = request.prompt();
        Draw draw = request.draw();
        byte[] body = ChatRequest.body(adapter.name(), prompt, draw, fleet.never());
        byte[] reply = client.chat(body, fleet.config().timeout(), ChatReply.mostBytes(prompt, draw), request::sent);
        List<Completion> completions = new ArrayList<>();
        for (ChatReply.Drawn drawn : fleet.replies().read(reply, adapter.name(), prompt, draw)) {
            completions.add(completion(drawn, adapter.version()));
        }
        long tokens =
                completions.stream().mapToLong(each -> each.tokens().length).sum();
        backoff.reset();
        meters.sampled(tokens);
        fleet.tokens().addAndGet(tokens);
        request.complete(completions);
    }

    /** A request keeps the adapter that it began with. The text is made of the ids here. */
    private Completion completion(ChatReply.Drawn drawn, AdapterVersion version) {
        int length = drawn.tokens().length;
        Span whole = new Span(0, length, version.version(), version.hash());
        String text = fleet.encoder().text(drawn.tokens());
        return new Completion(drawn.tokens(), drawn.logprobs(), List.of(whole), text, drawn.truncated());
    }

    private void notAnswered(SampleRequest request, ServerException e) {
        if (!request.wanted()) {
            return;
        }
        if (e.kind() == ServerException.Kind.REFUSED && request.refused() >= REFUSALS) {
            request.fail(new ModelException("vLLM server " + client.url() + ": " + e.reason()));
        } else {
            fleet.queue().putBack(request);
        }
        synchronized (this) {
            if (trouble == null) {
                trouble = e;
                adapters.retireAll();
            }
        }
    }

    /** Leaves the server as it was found, if it answers. */
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        client.cancelAll();
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(STOP.toMillis());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            for (Held adapter : adapters.all()) {
                client.unload(adapter.name());
            }
        } catch (ServerException e) {
            LOG.atInfo()
                    .addKeyValue("server", client.url())
                    .addKeyValue("reason", e.reason())
                    .log("Adapters of this run may be left on it");
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
