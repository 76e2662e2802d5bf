package ai.consilium.rollout.scheduler;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.platform.UsageException;
import ai.consilium.random.RandomStreams;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The n-th prompt of each specialty. Group id, case and seed depend only on the configuration, the case file, the
 * specialty and n: a restart repeats nothing and skips nothing.
 */
final class PromptPlan {
    private final SchedulerConfig config;
    private final CaseFile cases;
    private final String scoringConfigHash;
    private final List<String> members;
    private final Map<String, CaseOrder> orders = new LinkedHashMap<>();

    /** @throws UsageException when a specialty has no case, or a perspective is unknown */
    PromptPlan(SchedulerConfig config, CaseFile cases, List<String> specialties, String scoringConfigHash) {
        this.config = config;
        this.cases = cases;
        this.scoringConfigHash = scoringConfigHash;
        this.members = config.members();
        for (String specialty : specialties) {
            List<Case> own = cases.cases().stream()
                    .filter(one -> one.specialty().equals(specialty))
                    .toList();
            if (own.isEmpty()) {
                throw new UsageException("data_root: " + cases.path() + " has no case of specialty " + specialty);
            }
            checkPerspectives(own.get(0));
            orders.put(
                    specialty,
                    new CaseOrder(
                            config.plan().seed(),
                            specialty,
                            own.stream().map(Case::id).toList()));
        }
    }

    private void checkPerspectives(Case any) {
        for (String perspective : config.perspectives()) {
            try {
                PromptText.of(any, perspective);
            } catch (CaseException e) {
                throw new UsageException("perspectives: " + e.getMessage(), e);
            }
        }
    }

    /** The n-th prompt of a specialty, from 0. */
    Prompt prompt(String specialty, long n, long version, long nowMs) {
        CaseOrder order = orders.get(specialty);
        if (order == null) {
            throw new IllegalArgumentException("specialty '" + specialty + "' is not one of " + orders.keySet());
        }
        String groupId = specialty + "-" + n;
        return Prompt.newBuilder()
                .setGroupId(groupId)
                .setSpecialty(specialty)
                .setCaseRef(new CaseRef(CaseLibrary.TRAINING_FILE, cases.sha256(), order.caseId(n)))
                .setMembers(members)
                .setSampling(new Sampling(
                        config.sampling().temperature(), config.sampling().maxCompletionTokens()))
                .setGroupSeed(RandomStreams.seed(config.plan().seed(), groupId))
                .setDeadlineMs(nowMs + config.deadline().toMillis())
                .setScoringConfigHash(scoringConfigHash)
                .setAdmittedAtVersion(version)
                .setCreatedMs(nowMs)
                .setPolicy(specialty)
                .build();
    }

    /** @throws UsageException when a prompt that stands in the log was made from other cases than these */
    void checkSameCases(Prompt written) {
        String sha256 = written.getCaseRef().getFileSha256();
        if (!sha256.equals(cases.sha256())) {
            throw new UsageException("data_root: " + cases.path() + " has changed since this run began: its SHA-256 is "
                    + cases.sha256() + ", group " + written.getGroupId() + " was made from " + sha256);
        }
    }
}
