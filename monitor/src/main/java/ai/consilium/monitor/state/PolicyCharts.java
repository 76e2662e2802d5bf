package ai.consilium.monitor.state;

import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.run.StepFigures;
import ai.consilium.schemas.PolicyUpdate;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The curves of one policy, in bounded memory. */
final class PolicyCharts {
    /** Of an update's figures those that are drawn. */
    static final Set<String> DRAWN = Set.of(
            "reward/accuracy",
            "reward/format",
            "reward/guideline",
            "distill/kl",
            "distill/agreement",
            "entropy",
            "kl",
            "clip_ratio/low_mean",
            "clip_ratio/high_mean",
            "rollout_corr/kl",
            "on_policy/mean_dlogp",
            "rollout_corr/rollout_is_eff_sample_size",
            "grad_norm",
            "response_length/mean",
            "response_length/max",
            "response_length/clip_ratio",
            "staleness/mean",
            "staleness/max",
            "step_seconds",
            "wait_for_batch_seconds");

    /** A case file may name any perspective; more than a chart can tell apart are not drawn. */
    private static final int MOST_PERSPECTIVES = 12;

    private final String policy;
    private final SortedMap<String, Buckets> figures = new TreeMap<>();
    private final SortedMap<String, Buckets> perspectives = new TreeMap<>();

    PolicyCharts(String policy) {
        this.policy = policy;
    }

    void update(PolicyUpdate update) {
        update.getFigures().forEach((name, value) -> {
            if (DRAWN.contains(name)) {
                figures.computeIfAbsent(name, figure -> new Buckets()).add(update.getVersion(), value);
            }
            StepFigures.perspective(name).ifPresent(of -> perspective(of, update.getVersion(), value));
        });
    }

    private void perspective(String perspective, long version, double accuracy) {
        if (perspectives.containsKey(perspective) || perspectives.size() < MOST_PERSPECTIVES) {
            perspectives.computeIfAbsent(perspective, name -> new Buckets()).add(version, accuracy);
        }
    }

    ChartData.Policy data(Examinations examinations) {
        SortedMap<String, Buckets> validation = new TreeMap<>();
        examinations.perspectives(policy).stream().limit(MOST_PERSPECTIVES).forEach(perspective -> {
            Buckets curve = validation.computeIfAbsent(perspective, name -> new Buckets());
            examinations.versions(policy, perspective).forEach((version, mark) -> curve.add(version, mark.accuracy()));
        });
        return new ChartData.Policy(policy, lines(figures), lines(perspectives), lines(validation));
    }

    private static Map<String, ChartData.Line> lines(SortedMap<String, Buckets> curves) {
        return curves.entrySet().stream()
                .filter(curve -> !curve.getValue().isEmpty())
                .collect(Collectors.toMap(
                        Map.Entry::getKey, curve -> curve.getValue().line(), (one, other) -> one, TreeMap::new));
    }
}
