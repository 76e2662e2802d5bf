package ai.consilium.cli.memory;

import ai.consilium.cli.config.ConsiliumConfig;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Where the tensors lie.
 *
 * @param name of it, for a table
 * @param bytes of its memory
 * @param gpu whether it has memory of its own: nothing is mapped there, and the heap is elsewhere
 * @param known whether its size is known
 */
public record Device(String name, long bytes, boolean gpu, boolean known) {
    private static final double GIB = 1L << 30;

    /** The one that a configuration names. */
    public static Device of(ConsiliumConfig config) {
        double given = config.compute().memoryGib();
        boolean gpu = !config.compute().device().equals("cpu");
        if (given > 0) {
            return new Device("compute.memory_gib", (long) (given * GIB), gpu, true);
        }
        return gpu ? new Device(config.compute().device(), 0, true, false) : machine();
    }

    /** A GPU of a size, there or not. */
    public static Device gpu(double gib) {
        return new Device("the GPU", (long) (gib * GIB), true, true);
    }

    /** This machine, or the container that the process is in. */
    private static Device machine() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Device("this machine", system.getTotalMemorySize(), false, true);
    }
}
