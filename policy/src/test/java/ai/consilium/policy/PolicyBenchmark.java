package ai.consilium.policy;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.training.PolicyLoss;
import ai.consilium.policy.training.Trainer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Prints how fast the default run's shape samples and trains on one thread. A program, not a test. */
final class PolicyBenchmark {
    private PolicyBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("benchmark");
        ModelDirectory model = RandomModel.create(directory, RandomModel.full(), 1);
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute);
                Sampler sampler = new Sampler(policy, compute)) {
            System.out.println("parameters " + policy.parameters());
            Adapter adapter = RandomModel.adapter(model, 16, 7);
            List<Sampler.Group> groups = new ArrayList<>();
            for (int g = 0; g < 8; g++) {
                List<int[]> instructions = new ArrayList<>();
                for (int s = 0; s < 10; s++) {
                    instructions.add(RandomModel.words(model.config(), s / 2 * 3, new Random(s)));
                }
                groups.add(new Sampler.Group(RandomModel.prompt(model, directory, 60, g), instructions, g));
            }
            List<List<Sampler.Completion>> sampled = List.of();
            for (int i = 0; i < 6; i++) {
                Clock start = Clock.start(compute);
                sampled = sampler.sample(adapter, groups, new Sampler.Settings(1, 30), Compute.Urgency.SAMPLE);
                long tokens = sampled.stream()
                        .flatMap(List::stream)
                        .mapToLong(c -> c.tokens().length)
                        .sum();
                report("sample", tokens, start, Map.of());
            }
            train(policy, compute, adapter, groups, sampled);
        }
    }

    private static void train(
            PolicyModel policy,
            Compute compute,
            Adapter adapter,
            List<Sampler.Group> groups,
            List<List<Sampler.Completion>> sampled)
            throws InterruptedException {
        List<Trainer.Group> batch = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            List<Trainer.Member> members = new ArrayList<>();
            for (int s = 0; s < sampled.get(g).size(); s++) {
                Sampler.Completion completion = sampled.get(g).get(s);
                members.add(new Trainer.Member(
                        groups.get(g).instructions().get(s),
                        completion.tokens(),
                        completion.logprobs(),
                        s % 2 == 0 ? 1 : -1,
                        false));
            }
            batch.add(new Trainer.Group(groups.get(g).prompt(), members, 1));
        }
        try (Trainer trainer = new Trainer(policy, compute, adapter, RandomModel.OPTIMISER)) {
            for (int i = 0; i < 6; i++) {
                Clock start = Clock.start(compute);
                Map<String, Double> figures = trainer.policyStep(
                        batch,
                        PolicyLoss.dapo(0.2, 0.28, new PolicyLoss.Correction.Truncate(PolicyLoss.Bounds.upTo(2)), 0),
                        Optional.empty(),
                        1,
                        1e-4);
                report("policy step", Math.round(figures.getOrDefault("tokens", 0.0)), start, figures);
            }
        }
    }

    /** Wall time, and the compute thread's CPU time, which says more where others share the cores. */
    private record Clock(Compute compute, long wall, long cpu) {
        static Clock start(Compute compute) throws InterruptedException {
            return new Clock(compute, System.nanoTime(), cpu(compute));
        }

        private static long cpu(Compute compute) throws InterruptedException {
            return compute.call(
                    Compute.Urgency.TRAIN,
                    () -> ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
        }

        double wallSeconds() {
            return (System.nanoTime() - wall) / 1e9;
        }

        double cpuSeconds() throws InterruptedException {
            return (cpu(compute) - cpu) / 1e9;
        }
    }

    private static void report(String what, long tokens, Clock start, Map<String, Double> figures)
            throws InterruptedException {
        System.out.printf(
                "%s: %d tokens, %.0f tokens/s of wall time, %.0f tokens/s of CPU time %s%n",
                what, tokens, tokens / start.wallSeconds(), tokens / start.cpuSeconds(), figures);
    }
}
