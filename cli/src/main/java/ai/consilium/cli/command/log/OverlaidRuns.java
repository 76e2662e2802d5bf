package ai.consilium.cli.command.log;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.SettingDifference;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.run.LoggedRun;
import ai.consilium.monitor.overlay.OverlayData;
import ai.consilium.monitor.overlay.RunCurves;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.service.ServiceThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several runs whose curves are laid over each other. One that is under way is followed at its broker. The log of one that has
 * ended is opened, read and closed again: one at a time, so that many runs take no more memory than one, and each can be resumed
 * while its curves are looked at.
 */
final class OverlaidRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OverlaidRuns.class);

    /** More lines than these cannot be told apart. */
    static final int MOST = 16;

    /** How often it looks whether a run that was under way has ended. */
    private static final Duration LOOKS = Duration.ofSeconds(1);

    private final List<RunCurves> curves = new ArrayList<>();
    private final List<ServiceThread> threads = new ArrayList<>();
    private final List<OverlayData.Setting> settings;
    private final ReentrantLock opened = new ReentrantLock();

    /**
     * Of directories; nothing is read yet.
     *
     * @throws UsageException when one contains no run, or there are too many
     */
    OverlaidRuns(List<Path> directories, ConfigOptions options) throws IOException {
        List<LoggedRun> runs = directories.stream()
                .map(directory -> new LoggedRun(directory, options))
                .distinct()
                .toList();
        if (runs.size() > MOST) {
            throw new UsageException(
                    "RUN_DIR: at most " + MOST + " runs can be told apart on a page, not " + runs.size());
        }
        List<String> names = names(runs.stream().map(LoggedRun::directory).toList());
        for (LoggedRun run : runs) {
            ConsiliumConfig config = run.configuration();
            RunCurves one = new RunCurves(
                    names.get(curves.size()),
                    config.specialties(),
                    config.plan().lastVersion(config.rounds()));
            curves.add(one);
            threads.add(new ServiceThread("run-" + curves.size(), pulse -> follow(run, one, pulse)));
        }
        settings = differences(runs.stream().map(LoggedRun::directory).toList());
    }

    /** Last names of the directories, and more of their paths where these are alike. */
    static List<String> names(List<Path> directories) {
        for (int parts = 1; ; parts++) {
            List<String> names = new ArrayList<>();
            boolean whole = true;
            for (Path directory : directories) {
                int count = directory.getNameCount();
                whole &= parts >= count;
                names.add(
                        count == 0
                                ? directory.toString()
                                : directory
                                        .subpath(Math.max(0, count - parts), count)
                                        .toString());
            }
            if (whole || new HashSet<>(names).size() == names.size()) {
                return names;
            }
        }
    }

    private static List<OverlayData.Setting> differences(List<Path> directories) throws IOException {
        List<Map<String, String>> all = new ArrayList<>();
        Set<String> keys = new LinkedHashSet<>();
        for (Path directory : directories) {
            all.add(SettingDifference.leaves(Files.readString(directory.resolve(RunFiles.CONFIG))));
            keys.addAll(all.get(all.size() - 1).keySet());
        }
        return keys.stream()
                .map(key -> new OverlayData.Setting(
                        key,
                        all.stream()
                                .map(settings -> settings.getOrDefault(key, "none"))
                                .toList()))
                .filter(setting -> new HashSet<>(setting.values()).size() > 1)
                .toList();
    }

    /** In the order in which they were given. */
    List<RunCurves> curves() {
        return curves;
    }

    /** In which the runs differ. */
    List<OverlayData.Setting> settings() {
        return settings;
    }

    /** Begins to read. */
    void start() {
        threads.forEach(ServiceThread::start);
    }

    private void follow(LoggedRun run, RunCurves into, ServiceThread.Pulse pulse) throws InterruptedException {
        while (!pulse.stopping() && run.underWay()) {
            Looks looks = new Looks(run, pulse);
            if (!read(run, into, looks::goesOn, true)) {
                // It may be about to start, or about to end.
                pulse.pause(LOOKS);
            }
        }
        // What it wrote last may not have been read before its broker ended.
        opened.lock();
        try {
            if (!pulse.stopping()) {
                read(run, into, () -> !pulse.stopping(), false);
            }
        } finally {
            opened.unlock();
        }
    }

    /** @return whether it could be read */
    private static boolean read(LoggedRun run, RunCurves into, BooleanSupplier goesOn, boolean underWay) {
        try {
            return run.look(kafka -> {
                into.read(kafka, goesOn, underWay);
                return true;
            });
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().addKeyValue("run", run.directory()).setCause(e).log("A run cannot be read");
            into.fail(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** Looks now and then whether a run is still under way. */
    private static final class Looks {
        private final LoggedRun run;
        private final ServiceThread.Pulse pulse;
        private long next = System.nanoTime() + LOOKS.toNanos();

        Looks(LoggedRun run, ServiceThread.Pulse pulse) {
            this.run = run;
            this.pulse = pulse;
        }

        boolean goesOn() {
            pulse.idle("records");
            if (pulse.stopping()) {
                return false;
            }
            if (System.nanoTime() < next) {
                return true;
            }
            next = System.nanoTime() + LOOKS.toNanos();
            return run.underWay();
        }
    }

    @Override
    public void close() {
        threads.forEach(ServiceThread::close);
    }
}
