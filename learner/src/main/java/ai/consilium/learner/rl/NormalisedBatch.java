package ai.consilium.learner.rl;

import ai.consilium.estimators.BatchNormalisation;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A training batch whose groups of {@code gdpo} are normalised over all members of those groups ({@link BatchNormalisation}).
 * A member of which no score was observed is in no statistic and keeps 0. Pure: members are taken in the order of the log.
 *
 * @param groups of the batch, with the advantages to train on
 * @param figures {@code adv/batch_mean} and {@code adv/batch_std} (ddof = 1); empty when no group asked
 */
public record NormalisedBatch(List<Usable> groups, Map<String, Double> figures) {
    public static NormalisedBatch of(List<Usable> batch) {
        if (batch.stream().noneMatch(usable -> usable.record().getBatchNormalised())) {
            return new NormalisedBatch(batch, Map.of());
        }
        double[] sums = batch.stream()
                .map(Usable::record)
                .filter(TrainingGroup::getBatchNormalised)
                .flatMap(group -> group.getMembers().stream())
                .filter(NormalisedBatch::scored)
                .mapToDouble(Member::getAdvantage)
                .toArray();
        BatchNormalisation statistics = BatchNormalisation.of(sums);
        return new NormalisedBatch(
                batch.stream()
                        .map(usable -> usable.record().getBatchNormalised() ? normalised(usable, statistics) : usable)
                        .toList(),
                Map.of("adv/batch_mean", statistics.mean(), "adv/batch_std", statistics.deviation()));
    }

    private static Usable normalised(Usable usable, BatchNormalisation statistics) {
        List<Member> members = new ArrayList<>();
        List<Trainer.Member> trained = new ArrayList<>();
        for (Member member : usable.record().getMembers()) {
            double advantage = scored(member) ? statistics.advantage(member.getAdvantage()) : 0;
            members.add(Member.newBuilder(member).setAdvantage(advantage).build());
            Trainer.Member as = usable.group().members().get(trained.size());
            trained.add(new Trainer.Member(
                    as.instruction(),
                    as.completion(),
                    as.behaviourLogprobs(),
                    advantage,
                    as.truncated(),
                    as.onPolicy()));
        }
        return new Usable(
                TrainingGroup.newBuilder(usable.record()).setMembers(members).build(),
                new Trainer.Group(
                        usable.group().prompt(), trained, usable.group().temperature()),
                usable.staleness());
    }

    private static boolean scored(Member member) {
        return StepMetrics.parts(member).findAny().isPresent();
    }
}
