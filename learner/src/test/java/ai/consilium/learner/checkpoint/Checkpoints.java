package ai.consilium.learner.checkpoint;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.training.Trainer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Checkpoints for tests of what keeps them. */
final class Checkpoints {
    /** What a fault plan throws in place of halting the JVM. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    static Checkpoint of(long version) {
        return of(version, 0.1f);
    }

    /** @param weight by which it differs from another of the version */
    static Checkpoint of(long version, float weight) {
        String name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
        HostTensor tensor = new HostTensor(new long[] {1, 2}, new float[] {version, weight});
        Adapter adapter = new Adapter(1, 2, List.of("q_proj"), new TreeMap<>(Map.of(name, tensor)));
        Map<String, HostTensor> moments = Map.of(
                name + ".exp_avg", tensor, name + ".exp_avg_sq", new HostTensor(new long[] {1}, new float[] {3e-20f}));
        return new Checkpoint(
                new Trainer.State(adapter, moments, 40 + version),
                new Checkpoint.Facts(
                        "pediatrics",
                        version,
                        version == 9,
                        "parent",
                        version * 10,
                        version * 10 + 7,
                        List.of("g1", "g2"),
                        Map.of("pg_loss", 0.1, "undefined", Double.NaN),
                        "config-hash",
                        Map.of("rl.learning_rate", "0.001"),
                        "model",
                        "log"));
    }

    /** Dies at a point. */
    static FaultPoint.Plan dyingAt(FaultPoint point) {
        return (reached, version) -> {
            if (reached == point) {
                throw new Killed();
            }
        };
    }

    private Checkpoints() {}
}
