package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.Sampler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class FullParameterTrainerTest {
    @TempDir
    Path directory;

    @Test
    void givenAFewExamplesThenItLearnsThemAndTheModelItWritesHasLearntThem() throws Exception {
        ModelDirectory model = RandomModel.create(directory.resolve("start"), RandomModel.small(), 3);
        List<Trainer.Example> examples = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int[] answer = RandomModel.words(model.config(), 5, new Random(100 + i));
            answer[4] = model.tokenizer().id("<|im_end|>");
            examples.add(new Trainer.Example(RandomModel.prompt(model, directory, 4, i), new int[] {30}, answer));
        }
        try (Compute compute = new Compute(2);
                PolicyModel policy = PolicyModel.load(model, compute);
                FullParameterTrainer trainer = new FullParameterTrainer(policy, compute, RandomModel.OPTIMISER)) {
            for (int i = 0; i < 80; i++) {
                trainer.superviseStep(examples, 1e-2);
            }
            trainer.write(directory.resolve("learnt"));
        }

        ModelDirectory learnt = ModelDirectory.open(directory.resolve("learnt"));
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(learnt, compute);
                Sampler sampler = new Sampler(policy, compute)) {
            List<Sampler.Group> groups = examples.stream()
                    .map(example -> new Sampler.Group(example.prompt(), List.of(example.instruction()), 0))
                    .toList();
            var answers = sampler.sample(null, groups, new Sampler.Settings(0, 8), Compute.Urgency.EVALUATE);
            for (int i = 0; i < examples.size(); i++) {
                assertThat(answers.get(i).get(0).tokens())
                        .isEqualTo(examples.get(i).completion());
            }
        }
    }
}
