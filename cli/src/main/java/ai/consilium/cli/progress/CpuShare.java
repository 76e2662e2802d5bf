package ai.consilium.cli.progress;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** How much processor time the compute threads took, and how much everything beside them. */
public final class CpuShare {
    private static final String COMPUTE_PREFIX = "compute-";

    /**
     * A reading.
     *
     * @param computeNanos of the threads named compute-N
     * @param processNanos of the whole process, garbage collection and compilation included
     */
    public record Reading(long computeNanos, long processNanos) {
        /** Share of the process's time that the compute threads did not take, since an earlier reading. */
        double othersSince(Reading earlier) {
            double process = processNanos - earlier.processNanos;
            return process <= 0 ? 0 : 1 - (computeNanos - earlier.computeNanos) / process;
        }
    }

    private CpuShare() {}

    public static Reading read() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long compute = 0;
        for (long id : threads.getAllThreadIds()) {
            var info = threads.getThreadInfo(id);
            if (info != null && info.getThreadName().startsWith(COMPUTE_PREFIX)) {
                compute += Math.max(0, threads.getThreadCpuTime(id));
            }
        }
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Reading(compute, system.getProcessCpuTime());
    }
}
