package ai.consilium.policy.torch;

import ai.consilium.policy.ModelException;
import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** libtorch in this process: loaded once, and set per thread. */
public final class TorchRuntime {
    private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,2})");

    private static boolean started;
    private static volatile Device device = Device.cpu();

    private TorchRuntime() {}

    /** The version of libtorch that {@link #start} loads, such as {@code 2.7.1}; found without loading it. */
    public static String version() {
        String installed =
                Utils.getEnvOrSystemProperty("PYTORCH_VERSION"); // with PYTORCH_LIBRARY_PATH, see docs/GPU.md
        String version = installed != null
                ? installed
                : Platform.detectPlatform("pytorch").getVersion();
        int build = version.indexOf('-');
        return build < 0 ? version : version.substring(0, build);
    }

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
     * Chooses where all tensors of this process lie; before the first of them is made.
     *
     * @param name {@code cpu} or {@code cuda:N}
     * @throws ModelException when there is no such device
     */
    public static synchronized void use(String name) {
        Matcher cuda = CUDA.matcher(name);
        if (name.equals("cpu")) {
            device = Device.cpu();
        } else if (cuda.matches()) {
            start();
            int number = Integer.parseInt(cuda.group(1));
            int count = Engine.getEngine("PyTorch").getGpuCount();
            if (number >= count) {
                throw new ModelException(name + ": libtorch sees " + count + " GPUs (docs/GPU.md says what it needs)");
            }
            device = Device.gpu(number);
        } else {
            throw new ModelException("must be cpu or cuda:N, not '" + name + "'");
        }
    }

    /** Whether {@link #use} chose a GPU. */
    public static boolean onGpu() {
        return device.isGpu();
    }

    static Device device() {
        return device;
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
