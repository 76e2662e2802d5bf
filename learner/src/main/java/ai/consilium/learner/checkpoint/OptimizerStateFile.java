package ai.consilium.learner.checkpoint;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.training.Trainer;
import java.util.Map;
import java.util.TreeMap;

/** The optimiser's moments as a safetensors file, in the adapter's own layout. */
public final class OptimizerStateFile {
    public static byte[] write(Trainer.State trained) {
        Adapter of = trained.adapter();
        return new Adapter(of.rank(), of.alpha(), of.targets(), new TreeMap<>(trained.moments())).toSafetensors();
    }

    static Map<String, HostTensor> read(byte[] file, String name) {
        return Adapter.fromSafetensors(file, name).tensors();
    }

    private OptimizerStateFile() {}
}
