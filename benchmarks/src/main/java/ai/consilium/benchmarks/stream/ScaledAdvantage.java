package ai.consilium.benchmarks.stream;

import ai.consilium.advantage.AdvantageConfig;
import ai.consilium.advantage.AdvantageService;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;

/** Advantage streams: groups of {@link SyntheticGroups}, sampled and scored. */
final class ScaledAdvantage implements ScaledRole {
    private final RoleInput input;
    private final AdvantageConfig config;
    private final Path scratch;
    private final SyntheticGroups groups;

    ScaledAdvantage(RunContext run, RoleInput input, AdvantageConfig config, Path scratch) {
        this.input = input;
        this.config = config;
        this.scratch = scratch;
        this.groups = new SyntheticGroups(run.specialties().get(0), 1);
        ScoringConfig scoring = SyntheticGroups.config();
        input.announce(Topics.SCORING_CONFIGS, scoring.getHash(), scoring);
    }

    @Override
    public Topics output() {
        return Topics.TRAINING_GROUPS;
    }

    @Override
    public int recordsPerGroup() {
        return 1;
    }

    @Override
    public Service instance(RunContext context) {
        return new AdvantageService(context, config, scratch.resolve("state-" + context.instance()));
    }

    @Override
    public void send(int group) {
        String name = RoleInput.group(group);
        input.send(Topics.PROMPTS, group, groups.prompt(name));
        for (int sample = 0; sample < SyntheticGroups.SIZE; sample++) {
            input.send(Topics.TRAJECTORIES, group, groups.trajectory(name, sample));
            input.send(Topics.SCORES, group, groups.scores(name, sample));
        }
    }
}
