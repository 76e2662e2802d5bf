package ai.consilium.cli.memory;

import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.policy.memory.GroupSize;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What {@code consilium memory} prints.
 *
 * @param group what prompts and completions are expected to be
 * @param roles what each kind of work takes, in a process that does all
 * @param processes sums
 * @param leastKvCacheMib with which a group can be sampled at all
 */
public record MemoryReport(
        Device device,
        GroupSize group,
        int threads,
        List<RoleMemory> roles,
        List<ProcessNeed> processes,
        long leastKvCacheMib) {
    private static final double GIB = 1L << 30;

    /** All kinds of work. */
    public static final Set<Work> ALL =
            Set.copyOf(EnumSet.of(Work.ROLLOUT, Work.LEARNER, Work.MERGER, Work.EVALUATION));

    private static final Map<String, Set<Work>> PROCESSES = new LinkedHashMap<>();

    static {
        PROCESSES.put("train", ALL);
        PROCESSES.put("run rollout", Set.of(Work.ROLLOUT));
        PROCESSES.put("run learner", Set.of(Work.LEARNER));
        PROCESSES.put("run merger", Set.of(Work.MERGER));
        PROCESSES.put("eval", Set.of(Work.EVALUATION));
    }

    /** Of all processes that there may be. */
    public static MemoryReport of(RunMemory memory) {
        List<ProcessNeed> processes = new ArrayList<>();
        PROCESSES.forEach((command, works) -> processes.add(memory.need(command, works)));
        return of(memory, ALL, processes);
    }

    /** Of one process. */
    public static MemoryReport of(RunMemory memory, String command, Set<Work> works) {
        return of(memory, works, List.of(memory.need(command, works)));
    }

    private static MemoryReport of(RunMemory memory, Set<Work> works, List<ProcessNeed> processes) {
        return new MemoryReport(
                memory.device(),
                memory.group(),
                memory.threads(),
                memory.roles(works),
                List.copyOf(processes),
                memory.leastKvCacheMib());
    }

    /** Whether all of it fits. A device of unknown size is believed to be large enough. */
    public boolean fits() {
        return processes.stream().allMatch(this::fits);
    }

    private boolean fits(ProcessNeed process) {
        return !device.known() || process.own() <= device.bytes();
    }

    /** The tables. */
    public String text() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("", "GiB", "when", "keys"));
        for (RoleMemory role : roles) {
            lines.add(List.of(role.work().label(), "", "", ""));
            for (MemoryLine line : role.lines()) {
                lines.add(List.of(
                        "  " + line.what(), gib(line.bytes()), line.when().label(), String.join(", ", line.keys())));
            }
        }
        List<List<String>> sums = new ArrayList<>();
        sums.add(List.of("process", "own", "mapped", ""));
        for (ProcessNeed process : processes) {
            sums.add(List.of(process.command(), gib(process.own()), gib(process.mapped()), verdict(process)));
        }
        return String.format(
                Locale.ROOT,
                "Prompts of %,d tokens, %d samples of each, completions of %,d tokens; %d compute threads, each at one"
                        + " step%n%n%s%n%s",
                group.promptTokens(),
                group.samples(),
                group.completionTokens(),
                threads,
                ResultsTable.table(lines),
                ResultsTable.table(sums));
    }

    private String verdict(ProcessNeed process) {
        if (!device.known()) {
            return "the size of " + device.name() + " is not known: set compute.memory_gib";
        }
        String most = gib(device.bytes()) + " (" + device.name() + ")";
        if (!fits(process)) {
            return "does not fit: more than the " + most;
        }
        return process.own() + process.mapped() <= device.bytes()
                ? "fits into the " + most
                : "fits into the " + most + ", but not with all mapped pages: these are read again and again";
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / GIB);
    }
}
