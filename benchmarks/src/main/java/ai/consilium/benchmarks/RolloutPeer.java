package ai.consilium.benchmarks;

import ai.consilium.platform.UsageException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Engines that `bench rollout` compares with: each has a script among tests/peers and a list of the packages that it needs. */
enum RolloutPeer {
    /** Hugging Face transformers with PEFT. */
    TRANSFORMERS("transformers", "rollout_peer.py", "requirements.txt", true),
    /** vLLM on the processor. */
    VLLM("vllm", "vllm_peer.py", "requirements-vllm.txt", true),
    /** llama.cpp; it reads the language model only. */
    LLAMA_CPP("llama.cpp", "llama_cpp_peer.py", "requirements-llama-cpp.txt", false);

    private final String label;
    private final String script;
    private final String requirements;
    private final boolean takesImages;

    RolloutPeer(String label, String script, String requirements, boolean takesImages) {
        this.label = label;
        this.script = script;
        this.requirements = requirements;
        this.takesImages = takesImages;
    }

    /** By the name that --peer takes. @throws UsageException naming those that there are */
    static RolloutPeer named(String name) {
        return Arrays.stream(values())
                .filter(peer -> peer.label.equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("--peer must be one of "
                        + Arrays.stream(values()).map(peer -> peer.label).collect(Collectors.joining(", "))
                        + ", not '" + name + "'"));
    }

    String script() {
        return script;
    }

    String requirements() {
        return requirements;
    }

    boolean takesImages() {
        return takesImages;
    }
}
