package ai.consilium.benchmarks.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Resident memory of this process, as Linux counts it in /proc/self/status.
 *
 * @param anonymous gigabytes that only swapping could take from it
 * @param mapped gigabytes of files' pages, which are dropped when memory is short
 * @param peak most gigabytes of both at any time
 */
public record ProcessMemory(double anonymous, double mapped, double peak) {
    /** As it is now. */
    public static ProcessMemory read() throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        return new ProcessMemory(
                gigabytes(status, "RssAnon:"), gigabytes(status, "RssFile:"), gigabytes(status, "VmHWM:"));
    }

    private static double gigabytes(List<String> status, String key) {
        return status.stream()
                .filter(line -> line.startsWith(key))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024 / 1e9)
                .findFirst()
                .orElse(Double.NaN);
    }
}
