package ai.consilium.learner;

import ai.consilium.policy.Adapter;
import ai.consilium.policy.HostTensor;
import ai.consilium.policy.Trainer;
import java.util.Map;
import java.util.TreeMap;

/** The optimiser's moments as a safetensors file, in the adapter's own layout. */
final class MomentsFile {
    static byte[] write(Trainer.State trained) {
        Adapter of = trained.adapter();
        return new Adapter(of.rank(), of.alpha(), of.targets(), new TreeMap<>(trained.moments())).toSafetensors();
    }

    static Map<String, HostTensor> read(byte[] file, String name) {
        return Adapter.fromSafetensors(file, name).tensors();
    }

    private MomentsFile() {}
}
