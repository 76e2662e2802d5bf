package ai.consilium.learner.rl;

import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * The second half of {@code gdpo} (arXiv 2601.05242; TRL's {@code normalize_then_sum}): {@code A = (s − μ)/(σ + ε)} over the
 * sums s of all members of a batch's groups that ask for it. A member of which no score was observed is in no statistic and
 * keeps 0. Pure: sums run in the order of the log.
 *
 * @param groups of the batch, with the advantages to train on
 * @param figures {@code adv/batch_mean} and {@code adv/batch_std} (ddof = 1); empty when no group asked
 */
public record BatchNormalisation(List<Usable> groups, Map<String, Double> figures) {
    private static final double EPSILON = 1e-4;
    private static final double NO_SPREAD = 1e-8;

    public static BatchNormalisation of(List<Usable> batch) {
        if (batch.stream().noneMatch(usable -> usable.record().getBatchNormalised())) {
            return new BatchNormalisation(batch, Map.of());
        }
        double[] sums = batch.stream()
                .map(Usable::record)
                .filter(TrainingGroup::getBatchNormalised)
                .flatMap(group -> group.getMembers().stream())
                .filter(BatchNormalisation::scored)
                .mapToDouble(Member::getAdvantage)
                .toArray();
        double mean = sums.length == 0 ? 0 : plainSum(sums) / sums.length;
        double squares =
                plainSum(DoubleStream.of(sums).map(s -> (s - mean) * (s - mean)).toArray());
        double deviation = sums.length < 2 ? 0 : Math.sqrt(squares / (sums.length - 1));
        double scale = deviation < NO_SPREAD ? 0 : 1 / (deviation + EPSILON);
        return new BatchNormalisation(
                batch.stream()
                        .map(usable -> usable.record().getBatchNormalised() ? normalised(usable, mean, scale) : usable)
                        .toList(),
                Map.of("adv/batch_mean", mean, "adv/batch_std", deviation));
    }

    private static Usable normalised(Usable usable, double mean, double scale) {
        List<Member> members = new ArrayList<>();
        List<Trainer.Member> trained = new ArrayList<>();
        for (Member member : usable.record().getMembers()) {
            double advantage = scored(member) ? (member.getAdvantage() - mean) * scale : 0;
            members.add(Member.newBuilder(member).setAdvantage(advantage).build());
            Trainer.Member as = usable.group().members().get(trained.size());
            trained.add(new Trainer.Member(
                    as.instruction(), as.completion(), as.behaviourLogprobs(), advantage, as.truncated()));
        }
        return new Usable(
                TrainingGroup.newBuilder(usable.record()).setMembers(members).build(),
                new Trainer.Group(
                        usable.group().prompt(), trained, usable.group().temperature()),
                usable.staleness());
    }

    private static boolean scored(Member member) {
        return StepMetrics.COMPONENTS.stream().anyMatch(member.getParts()::containsKey);
    }

    /** Not DoubleStream's, whose compensation is the library's business: a restart must give the same bits. */
    private static double plainSum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
