package ai.consilium.cli.progress;

import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.platform.run.Phases;
import ai.consilium.policy.compute.Compute;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * Tells the phases of a run apart by what the log shows, and measures in reinforcement how long compute threads waited and
 * how much processor time went to everything else.
 */
public final class PhaseClock {
    private final Timings timings;
    private final Compute compute;
    private final long before;
    private String phase = Phases.DSA;
    private CpuShare.Reading cpuAtStart = CpuShare.read();
    private long sampledTokens;
    private double waitShare = Double.NaN;
    private double othersShare = Double.NaN;

    /** @param before last version of the rounds before the last */
    public PhaseClock(Timings timings, Compute compute, long before) {
        this.timings = timings;
        this.compute = compute;
        this.before = before;
        timings.begin(Phases.DSA);
    }

    /** Looks at a snapshot of the run. */
    public void see(RunSnapshot snapshot) {
        sampledTokens = snapshot.tokens();
        boolean stepped = snapshot.specialties().stream().anyMatch(s -> s.version() != null && s.trajectories() > 0);
        boolean done = snapshot.specialties().stream()
                .allMatch(s -> s.phase().equals(Phases.FINAL) && s.version() != null && s.version() > before);
        if (phase.equals(Phases.DSA) && stepped) {
            enter(Phases.REINFORCEMENT);
            compute.resetUsage();
            cpuAtStart = CpuShare.read();
        }
        if (phase.equals(Phases.REINFORCEMENT) && done) {
            measure();
            enter(Phases.MERGE);
        }
        if (phase.equals(Phases.MERGE) && snapshot.phase().equals(Phases.CONSOLIDATION)) {
            enter(Phases.CONSOLIDATION);
        }
    }

    /** The run is over. */
    public void end() {
        if (phase.equals(Phases.REINFORCEMENT)) {
            measure();
        }
        timings.end();
        timings.put(Timings.SAMPLED_TOKENS, sampledTokens);
        timings.put("wait_share", waitShare);
        timings.put("other_cpu_share", othersShare);
    }

    private void enter(String next) {
        phase = next;
        timings.begin(next);
    }

    private void measure() {
        Compute.Usage usage = compute.usage();
        double available = usage.wall().toNanos() * (double) usage.threads();
        waitShare = available == 0 ? 0 : usage.waiting().toNanos() / available;
        othersShare = CpuShare.read().othersSince(cpuAtStart);
    }

    /** One line for people. */
    public void report(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "compute threads waited for work %.1f %% of reinforcement; %.1f %% of processor time went to other threads%n",
                100 * waitShare,
                100 * othersShare);
        out.flush();
    }
}
