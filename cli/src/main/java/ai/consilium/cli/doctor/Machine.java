package ai.consilium.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Processors, memory and disk. */
final class Machine {
    private static final double GIB = 1L << 30;
    /** The default run leaves 0.5 GiB; a log of a larger model's adapters many times that. */
    private static final double LITTLE_DISK_GIB = 5;
    /** The default run's processes together, with what the system takes. */
    private static final double LITTLE_MEMORY_GIB = 4;

    private Machine() {}

    /** @param bf16 whether the run computes in bfloat16 on the processors */
    static Finding processors(boolean bf16) {
        int count = Runtime.getRuntime().availableProcessors();
        Set<String> flags = flags();
        String wide = flags.contains("avx512f") ? "AVX-512" : flags.contains("avx2") ? "AVX2" : "no AVX2";
        boolean multiplies = flags.contains("avx512_bf16") || flags.contains("amx_bf16");
        String detail = count + (flags.isEmpty() ? "" : ", " + wide + (multiplies ? ", bfloat16" : ", no bfloat16"));
        if (bf16 && !multiplies && !flags.isEmpty()) {
            return Finding.warning(
                    "processors",
                    detail,
                    "these processors do not multiply bfloat16, so that it is slower than float32: set compute.dtype=fp32"
                            + " if the memory allows it");
        }
        return Finding.ok("processors", detail);
    }

    /** Of the first processor; empty where the system does not say. */
    private static Set<String> flags() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> (Set<String>) new TreeSet<>(Arrays.asList(line.split("\\s+"))))
                    .orElse(Set.of());
        } catch (IOException | RuntimeException untold) {
            return Set.of();
        }
    }

    static Finding memory() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        double all = system.getTotalMemorySize() / GIB;
        String detail = String.format(
                Locale.ROOT,
                "%.1f GiB, of which %.1f unused; this Java's heap may take %.1f",
                all,
                system.getFreeMemorySize() / GIB,
                Runtime.getRuntime().maxMemory() / GIB);
        return all < LITTLE_MEMORY_GIB
                ? Finding.warning("memory", detail, "the default run wants 4 GiB")
                : Finding.ok("memory", detail);
    }

    /** What allocates the memory of tensors: the launcher preloads jemalloc where it is installed. */
    static Finding allocator() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream().anyMatch(line -> line.contains("jemalloc"))
                    ? Finding.ok("allocator", "jemalloc")
                    : Finding.warning(
                            "allocator",
                            "the C library's",
                            "it took a third of the processor time of training a language model on texts of every length:"
                                    + " install jemalloc (Debian's package libjemalloc2), which the launcher then preloads");
        } catch (IOException | RuntimeException untold) {
            return Finding.ok("allocator", "this system does not tell");
        }
    }

    /** @param directory where runs are kept */
    static Finding disk(Path directory) {
        Path there = directory.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            double free = Files.getFileStore(there).getUsableSpace() / GIB;
            String detail = String.format(Locale.ROOT, "%.1f GiB free at %s", free, there);
            if (!Files.isWritable(there)) {
                return Finding.problem("disk", there + " cannot be written to: runs are kept there");
            }
            return free < LITTLE_DISK_GIB
                    ? Finding.warning("disk", detail, "the log of a run grows with its samples and adapters")
                    : Finding.ok("disk", detail);
        } catch (IOException e) {
            return Finding.problem("disk", "cannot be asked: " + e.getMessage());
        }
    }
}
