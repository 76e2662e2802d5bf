package ai.consilium.merger;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.merger.gate.MergerInputs;
import ai.consilium.merger.merge.Activations;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.activation.ModuleInputs;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Each expert on training cases of its own specialty: the prompts, and its greedy answers.
 *
 * @param specialties in the order of the experts
 * @param seed of the draw of cases and tokens
 * @param round that the experts are of, from 0
 */
record CaseCalibration(
        MergerInputs inputs, List<String> specialties, MergerConfig.Calibration config, long seed, int round)
        implements Calibration {

    @Override
    public ExpertMerge show(
            List<Adapter> experts, Consumer<String> progress, Function<@Nullable Activations, ExpertMerge> merge)
            throws InterruptedException {
        List<List<ModuleInputs.Text>> texts = new ArrayList<>();
        for (int i = 0; i < experts.size(); i++) {
            progress.accept("answers of the expert of " + specialties.get(i));
            texts.add(texts(experts.get(i), specialties.get(i)));
        }
        return inputs.compute().call(Urgency.EVALUATE, () -> shown(experts, texts, progress, merge));
    }

    private List<ModuleInputs.Text> texts(Adapter expert, String specialty) throws InterruptedException {
        List<Case> own = new ArrayList<>(training().cases().stream()
                .filter(one -> one.specialty().equals(specialty))
                .toList());
        Collections.shuffle(own, new Random(seed));
        List<Case> drawn = own.subList(0, Math.min(config.cases(), own.size()));
        return inputs.evaluator().answers(expert, CaseLibrary.TRAINING_FILE, drawn).stream()
                .map(CaseCalibration::text)
                .toList();
    }

    private CaseFile training() {
        try {
            return inputs.cases().training(round);
        } catch (CaseFileMismatchException e) {
            throw new UsageException("data_root: " + e.getMessage(), e);
        }
    }

    private static ModuleInputs.Text text(Evaluator.Answer answer) {
        int[] instruction = answer.prompt().instruction();
        return new ModuleInputs.Text(
                answer.prompt().prefix(),
                IntStream.concat(IntStream.of(instruction), IntStream.of(answer.completion()))
                        .toArray());
    }

    private ExpertMerge shown(
            List<Adapter> experts,
            List<List<ModuleInputs.Text>> texts,
            Consumer<String> progress,
            Function<@Nullable Activations, ExpertMerge> merge) {
        Map<String, LoraTarget> targets = new HashMap<>();
        for (LoraTarget target : LoraTarget.all(inputs.model().config())) {
            targets.put("base_model.model." + target.module(), target);
        }
        List<ModuleInputs> open = new ArrayList<>();
        try {
            for (int i = 0; i < experts.size(); i++) {
                open.add(new ModuleInputs(inputs.model(), experts.get(i), texts.get(i), config.tokens(), seed));
            }
            long weights = experts.stream()
                            .flatMap(expert -> expert.targets().stream())
                            .distinct()
                            .count()
                    * inputs.model().config().layers();
            AtomicInteger shown = new AtomicInteger();
            return merge.apply(module -> {
                progress.accept("weight %d of %d".formatted(shown.incrementAndGet(), weights));
                return rows(open, Objects.requireNonNull(targets.get(module), module));
            });
        } finally {
            open.forEach(ModuleInputs::close);
        }
    }

    private static List<Tensor> rows(List<ModuleInputs> experts, LoraTarget target) {
        return experts.stream().map(expert -> expert.of(target)).toList();
    }
}
