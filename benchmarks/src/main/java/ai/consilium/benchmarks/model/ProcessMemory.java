package ai.consilium.benchmarks.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Resident memory of this process, as Linux counts it in /proc/self/status.
 *
 * @param anonymous gigabytes that only swapping could take from it
 * @param mapped gigabytes of files' pages, which are dropped when memory is short
 * @param peak most gigabytes of both at any time
 */
public record ProcessMemory(double anonymous, double mapped, double peak) {
    /** As it is now. Cheap: {@link MemoryWatch} looks a hundred times a second. */
    public static ProcessMemory read() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"));
        return new ProcessMemory(
                gigabytes(status, "RssAnon:"), gigabytes(status, "RssFile:"), gigabytes(status, "VmHWM:"));
    }

    /** Of a line as "RssAnon:     2742584 kB". */
    private static double gigabytes(String status, String key) {
        int at = status.indexOf(key);
        int end = status.indexOf(" kB", at);
        return at < 0 || end < 0
                ? Double.NaN
                : Long.parseLong(status.substring(at + key.length(), end).strip()) * 1024 / 1e9;
    }
}
