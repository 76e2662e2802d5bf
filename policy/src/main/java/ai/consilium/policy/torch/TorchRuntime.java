package ai.consilium.policy.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** libtorch in this process: loaded once, and set per thread. */
public final class TorchRuntime {
    private static boolean started;

    private TorchRuntime() {}

    /** Loads the native library (some seconds the first time on a machine: it unpacks). */
    public static synchronized void start() {
        if (!started) {
            // The library would otherwise ask a cloud's metadata service where it runs, and report its use.
            System.setProperty("OPT_OUT_TRACKING", "true");
            System.setProperty("ai.djl.offline", "true");
            Engine.getEngine("PyTorch");
            JniUtils.setNumInteropThreads(1);
            started = true;
        }
    }

    /**
     * Readies the calling thread: one operator thread, no gradients, and scripts run as written. The optimising
     * executor would specialise them after some calls, and the same inputs would then give other bits.
     */
    public static void prepareThread() {
        start();
        JniUtils.setNumThreads(1);
        JniUtils.setGradMode(false);
        JniUtils.setGraphExecutorOptimize(false);
    }

    /** Runs work whose operations on tensors that require a gradient are recorded. */
    public static <T> T recorded(Supplier<T> work) {
        JniUtils.setGradMode(true);
        try {
            return work.get();
        } finally {
            JniUtils.setGradMode(false);
        }
    }
}
