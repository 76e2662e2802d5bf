package ai.consilium.policy;

import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.training.Trainer;
import ai.consilium.policy.training.TrainerRig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Samples with an adapter that changes at every step, trains on what was sampled, and prints resident memory: a program of
 * its own, so that nothing but this is measured. Arguments: steps, an empty directory.
 */
final class Soak {
    /** Steps until allocator and compiler have all that they want, as measured. */
    private static final int WARM_UP = 300;

    private Soak() {}

    public static void main(String[] arguments) throws Exception {
        int steps = Integer.parseInt(arguments[0]);
        Path directory = Path.of(arguments[1]);
        ModelDirectory model = RandomModel.create(directory.resolve("model"), RandomModel.small(), 3);
        List<EncodedPrompt> prompts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            prompts.add(RandomModel.prompt(model, directory, 3 * i, i));
        }
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute);
                Sampler sampler = new Sampler(policy, compute);
                Trainer trainer =
                        new Trainer(policy, compute, RandomModel.adapter(model, 4, 5), RandomModel.OPTIMISER)) {
            int scopes = 0;
            for (int step = 0; step < steps; step++) {
                step(step, prompts, sampler, trainer);
                if (step == WARM_UP) {
                    scopes = Scope.openScopes();
                    System.out.println("warm " + residentKilobytes());
                }
            }
            System.out.println("end " + residentKilobytes());
            System.out.println("scopes " + (Scope.openScopes() - scopes));
        }
    }

    private static void step(int step, List<EncodedPrompt> prompts, Sampler sampler, Trainer trainer)
            throws InterruptedException {
        Random random = new Random(step);
        List<Sampler.Group> groups = new ArrayList<>();
        for (int g = 0; g < 2; g++) {
            List<int[]> instructions = new ArrayList<>();
            for (int s = 0; s < 4; s++) {
                instructions.add(RandomModel.words(RandomModel.small(), random.nextInt(4), random));
            }
            groups.add(new Sampler.Group(prompts.get((step + g) % prompts.size()), instructions, step + g));
        }
        Sampler.Settings settings = new Sampler.Settings(1, 6 + step % 10);
        List<List<Sampler.Completion>> sampled =
                sampler.sample(trainer.adapter(), groups, settings, Compute.Urgency.SAMPLE);
        List<Trainer.Group> batch = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            List<Trainer.Member> members = new ArrayList<>();
            for (int s = 0; s < sampled.get(g).size(); s++) {
                Sampler.Completion one = sampled.get(g).get(s);
                int[] instruction = groups.get(g).instructions().get(s);
                members.add(new Trainer.Member(instruction, one.tokens(), one.logprobs(), s - 1.5, false));
            }
            batch.add(new Trainer.Group(groups.get(g).prompt(), members, settings.temperature()));
        }
        trainer.policyStep(batch, TrainerRig.DAPO, TrainerRig.NONE, 1, 1e-4);
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
