package ai.consilium.benchmarks.steps;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.LearnerService;
import ai.consilium.learner.checkpoint.DirectoryCheckpoints;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.context.GivenStarts;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.schemas.PolicyUpdate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;

/**
 * Learners of one specialty that compute its steps together ({@code learner.help}): each has weights and a compute thread of its own,
 * as on a host of its own, and all share this machine, its broker and a store. Groups are made up; steps, gradients and the log are
 * real.
 *
 * @param model directory of the base
 * @param data directory of simulated cases
 * @param config of the learners
 * @param task of the learners, whose groups may be as old as the run is long
 * @param samples of a group
 * @param precision of the weights
 */
public record SharedSteps(
        ModelDirectory model, Path data, LearnerConfig config, LearnerTask task, int samples, Precision precision) {
    private static final String LEARNERS = "learner";
    private static final Duration LOOK = Duration.ofMillis(100);

    /**
     * One measurement.
     *
     * @param learners that computed
     * @param seconds a step, from version 1 on
     * @param parts of a step
     * @param elsewhere parts of a step that others computed than the one that trains, the mean
     * @param hash of the last version's adapter: the same whoever computed what
     */
    public record Point(int learners, double seconds, double parts, double elsewhere, String hash) {}

    /** One of them. */
    private record Learner(Compute compute, PolicyModel weights, PromptEncoder encoder, LearnerService service)
            implements AutoCloseable {
        @Override
        public void close() {
            service.close();
            weights.close();
            compute.close();
        }
    }

    /**
     * Measures a number of learners in a run of one specialty that nothing else is done in.
     *
     * @param store directory for checkpoints
     */
    public Point measure(RunContext run, int learners, Path store) throws Exception {
        String specialty = run.specialties().get(0);
        List<Learner> started = new ArrayList<>();
        try (VersionWatch versions = new VersionWatch(run.kafka(), specialty)) {
            started.add(start(run, specialty, 1, store));
            PolicyUpdate start = versions.await(0, () -> requireSound(started));
            for (int number = 2; number <= learners; number++) {
                started.add(start(run, specialty, number, store));
            }
            awaitMembers(run, started);
            Learner any = started.get(0);
            new MadeUpGroups(
                            any.encoder(),
                            new CompletionScorer(any.weights(), any.compute()),
                            new CaseLibrary(data),
                            samples,
                            task.maxCompletionTokens())
                    .publish(run, start, task.plan().steps(), task.plan().batchSize());
            PolicyUpdate first = versions.await(1, () -> requireSound(started));
            double parts = 0;
            double elsewhere = 0;
            PolicyUpdate last = first;
            for (int version = 2; version <= task.plan().steps(); version++) {
                last = versions.await(version, () -> requireSound(started));
                parts += last.getFigures().getOrDefault("step_parts", 0.0);
                elsewhere += last.getFigures().getOrDefault("step_parts_elsewhere", 0.0);
            }
            double steps = last.getVersion() - first.getVersion();
            return new Point(
                    learners,
                    (last.getCreatedMs() - first.getCreatedMs()) / 1e3 / steps,
                    parts / steps,
                    elsewhere / steps,
                    last.getAdapterHash());
        } finally {
            started.forEach(Learner::close);
        }
    }

    private Learner start(RunContext run, String specialty, int number, Path store) {
        Compute compute = new Compute(1);
        PolicyModel weights = PolicyModel.load(model, compute, precision);
        CaseLibrary cases = new CaseLibrary(data);
        PromptEncoder encoder =
                new PromptEncoder(model, PromptLayouts.canonical(), cases, ImageSettings.of(64_000_000));
        LearnerService service = new LearnerService(
                new RunContext(run.runId(), LEARNERS + "-" + number, run.settings(), run.kafka(), run.metrics()),
                List.of(specialty),
                config,
                task,
                new LearnerInputs(
                        weights,
                        compute,
                        encoder,
                        cases,
                        DirectoryCheckpoints.under(store, true),
                        GivenStarts.of(Map.of())));
        service.start();
        return new Learner(compute, weights, encoder, service);
    }

    /** Those that do not train stand by. */
    private static void awaitMembers(RunContext run, List<Learner> started) throws InterruptedException {
        List<String> group = List.of(run.kafka().group(LEARNERS));
        try (Admin admin = run.kafka().admin()) {
            int members = 0;
            while (members < started.size()) {
                requireSound(started);
                LockSupport.parkNanos(LOOK.toNanos());
                members = admin.describeConsumerGroups(group).all().get().values().stream()
                        .mapToInt(described -> described.members().size())
                        .sum();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the learners could not be asked for", e.getCause());
        }
    }

    private static void requireSound(List<Learner> started) {
        started.stream()
                .flatMap(learner -> learner.service().threads().stream())
                .forEach(thread -> thread.failure().ifPresent(cause -> {
                    throw new IllegalStateException("a learner stopped while it was measured", cause);
                }));
    }
}
