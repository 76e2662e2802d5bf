package ai.consilium.pretraining;

import ai.consilium.cases.lessons.PretrainingItem;
import ai.consilium.cases.lessons.PretrainingItems;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often the model's greedy completion is exactly the taught one, by kind of item. */
public final class SkillReport {
    private static final int ITEMS = 1000;
    private static final int BATCH = 100;
    private static final int MAX_TOKENS = 64;

    /** Exact matches of one kind. */
    public record Skill(int right, int asked) {}

    private SkillReport() {}

    static Map<String, Skill> of(PolicyModel model, Compute compute, ItemEncoder encoder, PretrainingItems items)
            throws InterruptedException {
        Map<String, Skill> skills = new TreeMap<>();
        try (Sampler sampler = new Sampler(model, compute)) {
            for (int from = 0; from < ITEMS; from += BATCH) {
                List<PretrainingItem> batch = new ArrayList<>();
                List<Sampler.Group> groups = new ArrayList<>();
                for (int i = from; i < from + BATCH; i++) {
                    PretrainingItem item = items.at(i);
                    batch.add(item);
                    groups.add(encoder.group(item, i));
                }
                List<List<Sampler.Completion>> completions =
                        sampler.sample(null, groups, new Sampler.Settings(0, MAX_TOKENS), Compute.Urgency.EVALUATE);
                for (int i = 0; i < BATCH; i++) {
                    PretrainingItem item = batch.get(i);
                    String text = encoder.text(completions.get(i).get(0).tokens());
                    skills.merge(
                            item.kind(),
                            new Skill(text.equals(item.completion().text()) ? 1 : 0, 1),
                            (a, b) -> new Skill(a.right() + b.right(), a.asked() + b.asked()));
                }
            }
        }
        return skills;
    }
}
