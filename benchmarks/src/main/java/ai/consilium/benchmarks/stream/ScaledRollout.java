package ai.consilium.benchmarks.stream;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.worker.RolloutConfig;
import ai.consilium.rollout.worker.RolloutService;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Rollout workers, each with an engine that samples elsewhere: prompts of simulated cases. */
final class ScaledRollout implements ScaledRole {
    private final RoleInput input;
    private final RolloutConfig config;
    private final SimulatedCases cases;
    private final SyntheticGroups groups;
    private final Executor later;
    private final List<Completion> completions;

    /**
     * Of a run, whose first specialty gets a version to sample with.
     *
     * @param cases that groups are about
     * @param sampling how long a group takes
     */
    ScaledRollout(
            RunContext run,
            RoleInput input,
            RolloutConfig config,
            SimulatedCases cases,
            Adapter adapter,
            Duration sampling)
            throws Exception {
        this.input = input;
        this.config = config;
        this.cases = cases;
        String specialty = run.specialties().get(0);
        this.groups = new SyntheticGroups(specialty, 1);
        this.later = CompletableFuture.delayedExecutor(sampling.toMillis(), TimeUnit.MILLISECONDS);
        this.completions = IntStream.range(0, SyntheticGroups.SIZE)
                .mapToObj(sample -> completion(groups.trajectory("", sample)))
                .toList();
        new AdapterHistory(run, List.of(specialty), 2, UnaryOperator.identity()).publishFirst(adapter);
    }

    private static Completion completion(Trajectory like) {
        int[] tokens = like.getTokens().stream().mapToInt(Integer::intValue).toArray();
        float[] logprobs = new float[tokens.length];
        for (int i = 0; i < logprobs.length; i++) {
            logprobs[i] = like.getLogprobs().get(i);
        }
        return new Completion(tokens, logprobs, List.of(), like.getText(), false);
    }

    @Override
    public Topics output() {
        return Topics.TRAJECTORIES;
    }

    @Override
    public int recordsPerGroup() {
        return SyntheticGroups.SIZE;
    }

    @Override
    public Service instance(RunContext context) {
        return new RolloutService(
                context, config, cases.library(), cases.layout(), new SimulatedEngine(later, completions));
    }

    @Override
    public void send(int group) {
        input.send(
                Topics.PROMPTS,
                group,
                Prompt.newBuilder(groups.prompt(RoleInput.group(group)))
                        .setCaseRef(cases.reference(group))
                        .setMembers(IntStream.range(0, SyntheticGroups.SIZE)
                                .mapToObj(SimulatedCases::perspective)
                                .toList())
                        .build());
    }
}
