package ai.consilium.benchmarks.stream;

import ai.consilium.benchmarks.model.ProcessMemory;
import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.RetainedVersions;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A long run as its adapters see it: experts publish version after version as their learners do, and a worker takes over each.
 * Nobody trains and nobody samples, so that versions follow one another far faster than they do in a run. One thread only.
 */
public final class AdapterHistory {
    private static final double MB = 1e6;

    private final RunContext context;
    private final List<String> experts;
    private final int keepLast;
    private final UnaryOperator<Adapter> step;
    private final List<Expert> learners = new ArrayList<>();
    private final List<Double> publishing = new ArrayList<>();
    private final List<Double> taking = new ArrayList<>();
    private double most;

    /**
     * How the log and its readers fare at some point of a run.
     *
     * @param versions of each expert
     * @param adapterMb an adapter's file, in millions of bytes as all that lies on a disk
     * @param adaptersMb what the topic of adapters takes on the broker's disk
     * @param mostMb the most that it took since the point before, after a version
     * @param logMb what all topics take
     * @param heapMib what the process holds, after a collection: broker, learners and worker
     * @param residentGb its anonymous memory
     * @param publishSeconds from an adapter to its committed transaction, the median of the versions since the point before
     * @param takeSeconds from there until the worker has it, the median
     * @param newWorkerSeconds until a worker that starts holds the newest version of each expert, checked
     */
    public record Point(
            long versions,
            double adapterMb,
            double adaptersMb,
            double mostMb,
            double logMb,
            double heapMib,
            double residentGb,
            double publishSeconds,
            double takeSeconds,
            double newWorkerSeconds) {}

    /** What a learner has open while it holds its policy. */
    private record Expert(String specialty, Publisher publisher, Lineage lineage, RetainedVersions retained) {}

    /**
     * Of a run whose topics are there.
     *
     * @param experts specialties of the run that publish
     * @param keepLast {@code ckpt.keep_last}
     * @param step the adapter of a version by that of the version before
     */
    public AdapterHistory(RunContext context, List<String> experts, int keepLast, UnaryOperator<Adapter> step) {
        this.context = context;
        this.experts = List.copyOf(experts);
        this.keepLast = keepLast;
        this.step = step;
    }

    /**
     * Publishes version 0 and so many more of each expert.
     *
     * @param points at how many of them to look, evenly
     * @param hears of each
     */
    public void run(Adapter first, int versions, int points, Consumer<Point> hears) throws Exception {
        holding(0, () -> {
            try (AdapterFollower worker = new AdapterFollower(context)) {
                Adapter adapter = first;
                publish(adapter, 0, worker);
                for (int point = 1; point <= points; point++) {
                    long until = (long) versions * point / points;
                    for (long version = (long) versions * (point - 1) / points + 1; version <= until; version++) {
                        adapter = step.apply(adapter);
                        publish(adapter, version, worker);
                    }
                    hears.accept(look(until));
                }
            }
        });
    }

    /** Publishes version 0 of each expert, and ends. */
    void publishFirst(Adapter first) throws Exception {
        holding(0, () -> {
            for (Expert expert : learners) {
                var unused = publish(expert, first, 0);
            }
        });
    }

    /** What is done while all learners hold their policies. */
    private interface Work {
        void run() throws Exception;
    }

    private void holding(int already, Work work) throws Exception {
        if (already == experts.size()) {
            work.run();
            return;
        }
        String specialty = experts.get(already);
        TransactionalWriter.hold(context, "learner-" + specialty, "learner of " + specialty, writer -> {
            Lineage lineage = new Lineage(specialty);
            try (RetainedVersions retained = new RetainedVersions(
                    new RetainedVersions.Scope(specialty, 0, ValidationPlan.NONE, 0, false),
                    lineage,
                    context.kafka())) {
                learners.add(new Expert(
                        specialty, new Publisher(context, specialty, FaultPoint.Plan.NONE, writer), lineage, retained));
                holding(already + 1, work);
            }
        });
    }

    private void publish(Adapter adapter, long version, AdapterFollower worker) throws InterruptedException {
        for (Expert expert : learners) {
            long begun = System.nanoTime();
            PolicyUpdate update = publish(expert, adapter, version);
            long committed = System.nanoTime();
            long taken = worker.await(update);
            publishing.add((committed - begun) / 1e9);
            // It may have it before the learner hears of its commit.
            taking.add(Math.max(0, taken - committed) / 1e9);
        }
        most = Math.max(most, LogSize.bytes(context.kafka(), List.of(Topics.ADAPTERS)) / MB);
    }

    private PolicyUpdate publish(Expert expert, Adapter adapter, long version) {
        List<PolicyUpdate> superseded = expert.retained().superseded(version - keepLast);
        PolicyUpdate update = expert.publisher().publish(checkpoint(expert, adapter, version), descent(), superseded);
        expert.lineage().add(update);
        return update;
    }

    private static Publisher.Descent descent() {
        return new Publisher.Descent(UpdateKind.REINFORCEMENT, List.of(), 0, List.of(), 0, Optional.empty());
    }

    private static Checkpoint checkpoint(Expert expert, Adapter adapter, long version) {
        String parent = expert.lineage()
                .at(version - 1)
                .map(PolicyUpdate::getAdapterHash)
                .orElse("");
        return new Checkpoint(
                new Trainer.State(adapter, Map.of(), version),
                new Checkpoint.Facts(
                        expert.specialty(),
                        version,
                        false,
                        parent,
                        version,
                        version + 1,
                        List.of(),
                        Map.of(),
                        "none",
                        Map.of(),
                        "none",
                        "none"));
    }

    private Point look(long version) throws InterruptedException, IOException {
        double newWorker = secondsOfANewWorker(version);
        double adapters = LogSize.bytes(context.kafka(), List.of(Topics.ADAPTERS)) / MB;
        PolicyUpdate newest = learners.get(0).lineage().at(version).orElseThrow();
        Point point = new Point(
                version,
                newest.getAdapterBytes() / MB,
                adapters,
                Math.max(most, adapters),
                LogSize.bytes(context.kafka(), List.of(Topics.values())) / MB,
                Heap.usedMib(),
                ProcessMemory.read().anonymous(),
                median(publishing),
                median(taking),
                newWorker);
        most = 0;
        publishing.clear();
        taking.clear();
        return point;
    }

    private double secondsOfANewWorker(long version) throws InterruptedException {
        long begun = System.nanoTime();
        try (AdapterFollower worker = new AdapterFollower(context)) {
            long ready = begun;
            for (Expert expert : learners) {
                ready = Math.max(
                        ready, worker.await(expert.lineage().at(version).orElseThrow()));
            }
            for (Expert expert : learners) {
                worker.requireTensors(expert.lineage().at(version).orElseThrow());
            }
            return (ready - begun) / 1e9;
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
