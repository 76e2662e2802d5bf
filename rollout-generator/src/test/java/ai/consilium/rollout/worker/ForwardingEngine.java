package ai.consilium.rollout.worker;

import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.Sampling;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Another engine, of which a test changes a part. */
class ForwardingEngine implements InferenceEngine {
    private final InferenceEngine engine;

    ForwardingEngine(InferenceEngine engine) {
        this.engine = engine;
    }

    @Override
    public Prepared prepare(GroupText group) {
        return engine.prepare(group);
    }

    @Override
    public void use(AdapterVersion adapter) {
        engine.use(adapter);
    }

    @Override
    public void drop(String policy) {
        engine.drop(policy);
    }

    @Override
    public CompletableFuture<List<Completion>> sample(String policy, Prepared group, Sampling settings) {
        return engine.sample(policy, group, settings);
    }

    @Override
    public Work work() {
        return engine.work();
    }

    @Override
    public Optional<String> impediment() {
        return engine.impediment();
    }

    @Override
    public void close() {
        engine.close();
    }
}
