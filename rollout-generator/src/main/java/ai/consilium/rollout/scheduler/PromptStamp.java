package ai.consilium.rollout.scheduler;

import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.UsageException;
import ai.consilium.random.RandomStreams;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;

/** What all prompts of a run have in common. One thread only. */
final class PromptStamp {
    private final SchedulerConfig config;
    private String scoringConfigHash;

    /** @param scoringConfigHash what every group is scored by, until it is told otherwise */
    PromptStamp(SchedulerConfig config, String scoringConfigHash) {
        this.config = config;
        this.scoringConfigHash = scoringConfigHash;
    }

    SchedulerConfig config() {
        return config;
    }

    /** What the groups of the next prompts are scored by. */
    void scoredBy(String hash) {
        scoringConfigHash = hash;
    }

    /**
     * Begins a prompt; case, members and purpose are the caller's.
     *
     * @param policy that samples it
     * @param version of the policy that it is admitted at
     * @param temperature 0 decodes greedily
     */
    Prompt.Builder begin(String groupId, String policy, long version, double temperature, long nowMs) {
        return Prompt.newBuilder()
                .setGroupId(groupId)
                .setPolicy(policy)
                .setSampling(new Sampling(temperature, config.sampling().maxCompletionTokens()))
                .setGroupSeed(RandomStreams.seed(config.plan().seed(), groupId))
                .setDeadlineMs(nowMs + config.deadline().toMillis())
                .setScoringConfigHash(scoringConfigHash)
                .setAdmittedAtVersion(version)
                .setCreatedMs(nowMs);
    }

    /** @throws UsageException when a prompt on the log was made from other cases than these */
    static void requireMadeFrom(CaseFile cases, Prompt written) {
        String sha256 = written.getCaseRef().getFileSha256();
        if (!sha256.equals(cases.sha256())) {
            throw new UsageException("data_root: " + cases.path() + " has changed since this run began: its SHA-256 is "
                    + cases.sha256() + ", group " + written.getGroupId() + " was made from " + sha256);
        }
    }
}
