package ai.consilium.benchmarks.stream;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.reward.RewardService;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.nio.file.Path;

/** Reward services: traces of simulated cases as trajectories, scored by a run's own scorers. */
final class ScaledReward implements ScaledRole {
    private final RoleInput input;
    private final RewardConfig config;
    private final Path data;
    private final CaseFile cases;
    private final PromptLayout layout;
    private final String scoring;
    private final SyntheticGroups groups;

    /**
     * Of a run.
     *
     * @param data directory of simulated cases
     * @param scoring what their trajectories are scored by
     */
    ScaledReward(RunContext run, RewardConfig config, Path data, PromptLayout layout, ScoringDefinition scoring) {
        this.input = new RoleInput(run.kafka());
        this.config = config;
        this.data = data;
        this.cases = CaseFile.read(data.resolve("train.jsonl"));
        this.layout = layout;
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
        return new RewardService(context, config, new CaseLibrary(data));
    }

    @Override
    public void send(int group) {
        Case about = cases.cases().get(group % cases.cases().size());
        CaseRef ref = new CaseRef(cases.path().getFileName().toString(), cases.sha256(), about.id());
        for (int sample = 0; sample < SyntheticGroups.SIZE; sample++) {
            String perspective = Perspective.ALL.get(sample % Perspective.ALL.size());
            input.send(
                    Topics.TRAJECTORIES,
                    group,
                    Trajectory.newBuilder(groups.trajectory(RoleInput.group(group), sample))
                            .setSpecialty(about.specialty())
                            .setPerspective(perspective)
                            .setCaseRef(ref)
                            .setScoringConfigHash(scoring)
                            .setText(layout.completion(about, perspective).text())
                            .build());
        }
    }

    @Override
    public void requireFed() {
        input.requireTaken();
    }

    @Override
    public void close() {
        input.close();
    }
}
