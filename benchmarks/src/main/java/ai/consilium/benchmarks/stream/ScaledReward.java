package ai.consilium.benchmarks.stream;

import ai.consilium.cases.format.Case;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.reward.RewardService;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;

/** Reward services: traces of simulated cases as trajectories, scored by a run's own scorers. */
final class ScaledReward implements ScaledRole {
    private final RoleInput input;
    private final RewardConfig config;
    private final SimulatedCases cases;
    private final String scoring;
    private final SyntheticGroups groups;

    /**
     * Of a run.
     *
     * @param cases that groups are about
     * @param scoring what their trajectories are scored by
     */
    ScaledReward(
            RunContext run, RoleInput input, RewardConfig config, SimulatedCases cases, ScoringDefinition scoring) {
        this.input = input;
        this.config = config;
        this.cases = cases;
        this.scoring = scoring.hash();
        this.groups = new SyntheticGroups(run.specialties().get(0), 1);
        input.announce(Topics.SCORING_CONFIGS, scoring.hash(), scoring.config());
    }

    @Override
    public Topics output() {
        return Topics.SCORES;
    }

    @Override
    public int recordsPerGroup() {
        return SyntheticGroups.SIZE;
    }

    @Override
    public Service instance(RunContext context) {
        return new RewardService(context, config, cases.library());
    }

    @Override
    public void send(int group) {
        Case about = cases.about(group);
        for (int sample = 0; sample < SyntheticGroups.SIZE; sample++) {
            String perspective = SimulatedCases.perspective(sample);
            input.send(
                    Topics.TRAJECTORIES,
                    group,
                    Trajectory.newBuilder(groups.trajectory(RoleInput.group(group), sample))
                            .setSpecialty(about.specialty())
                            .setPerspective(perspective)
                            .setCaseRef(cases.reference(group))
                            .setScoringConfigHash(scoring)
                            .setText(cases.layout()
                                    .completion(about, perspective)
                                    .text())
                            .build());
        }
    }
}
