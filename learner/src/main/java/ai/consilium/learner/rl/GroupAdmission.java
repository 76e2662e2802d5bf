package ai.consilium.learner.rl;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a group may be trained on, and makes it what the trainer takes. Depends only on the group, the version and
 * the lineage, so that a restart decides the same.
 */
public final class GroupAdmission {
    /** How a case becomes a prompt; {@link PromptEncoder#encode}. */
    @FunctionalInterface
    public interface Prompting {
        PromptEncoder.Encoded encode(String file, Case of, String perspective);
    }

    /**
     * How many versions a group is behind, and where it fell behind.
     *
     * @param inFlight versions that were published between the oldest version among its spans and the group's closing
     * @param inQueue versions that were published since, while it waited for the learner
     */
    public record Staleness(long inFlight, long inQueue) {
        /** Version minus the oldest version among the spans. */
        long total() {
            return inFlight + inQueue;
        }
    }

    /** The decision. */
    public sealed interface Verdict {
        /** May be trained on. */
        record Usable(TrainingGroup record, Trainer.Group group, Staleness staleness) implements Verdict {}

        /**
         * May not.
         *
         * @param outcome STALE, REJECTED or UNUSED
         * @param reason for people
         */
        record Refused(TrainingGroup record, Outcome outcome, String reason) implements Verdict {}
    }

    /**
     * What groups it is about.
     *
     * @param policy that is trained on them
     * @param purpose of theirs, one of {@link Purpose}
     * @param round of theirs
     * @param maxOffPolicySteps versions that a group may be behind
     * @param maxCompletionTokens longest completion
     * @param masksTruncated whether completions that were cut at the limit leave the loss
     */
    public record Scope(
            String policy,
            String purpose,
            int round,
            int maxOffPolicySteps,
            int maxCompletionTokens,
            boolean masksTruncated) {}

    private final Scope scope;
    private final CompletionTokens completionTokens;
    private final Lineage lineage;
    private final CaseLibrary cases;
    private final Prompting prompting;

    /** @param completionTokens what a completion of the model may hold */
    public GroupAdmission(
            Scope scope, CompletionTokens completionTokens, Lineage lineage, CaseLibrary cases, Prompting prompting) {
        this.scope = scope;
        this.completionTokens = completionTokens;
        this.lineage = lineage;
        this.cases = cases;
        this.prompting = prompting;
    }

    /** Judges a group for the step that leaves {@code version} behind. */
    public Verdict judge(TrainingGroup group, long closedMs, long version) {
        if (group.getRound() != scope.round()) {
            return new Verdict.Refused(
                    group,
                    Outcome.UNUSED,
                    "is of round %d, and this is round %d".formatted(group.getRound() + 1, scope.round() + 1));
        }
        String fault = fault(group);
        if (fault != null) {
            return new Verdict.Refused(group, Outcome.REJECTED, fault);
        }
        Staleness staleness = staleness(group, closedMs, version);
        if (staleness.total() > scope.maxOffPolicySteps()) {
            return new Verdict.Refused(
                    group,
                    Outcome.STALE,
                    "sampled %d versions ago (%d in flight, %d in queue), max_off_policy_steps is %d"
                            .formatted(
                                    staleness.total(),
                                    staleness.inFlight(),
                                    staleness.inQueue(),
                                    scope.maxOffPolicySteps()));
        }
        try {
            return new Verdict.Usable(group, rebuild(group, version), staleness);
        } catch (CaseException | ModelException | UnusableGroup e) {
            return new Verdict.Refused(group, Outcome.REJECTED, String.valueOf(e.getMessage()));
        }
    }

    private Staleness staleness(TrainingGroup group, long closedMs, long version) {
        long oldest = group.getMembers().stream()
                .flatMap(member -> member.getSpans().stream())
                .mapToLong(Span::getPolicyVersion)
                .min()
                .orElse(version);
        long total = version - oldest;
        // Clocks of several machines may disagree: no part is negative.
        long inQueue = Math.min(total, Math.max(0, version - lineage.newestAt(closedMs)));
        return new Staleness(total - inQueue, inQueue);
    }

    private @Nullable String fault(TrainingGroup group) {
        String policy = PolicyTable.policyOf(group);
        if (!policy.equals(scope.policy())) {
            return "is of policy " + policy + ", not " + scope.policy();
        }
        if (!group.getPurpose().equals(scope.purpose())) {
            String unknown = Purpose.problem(group.getPurpose());
            return unknown != null ? unknown : "purpose is " + group.getPurpose() + ", which is not trained on here";
        }
        if (group.getMembers().isEmpty()) {
            return "has no members";
        }
        if (!(group.getTemperature() > 0)) {
            return "temperature is " + group.getTemperature();
        }
        for (Member member : group.getMembers()) {
            String fault = fault(member);
            if (fault != null) {
                return "sample " + member.getSampleIndex() + ": " + fault;
            }
        }
        return null;
    }

    private @Nullable String fault(Member member) {
        int tokens = member.getTokens().size();
        if (tokens == 0 || member.getLogprobs().size() != tokens) {
            return tokens + " tokens with " + member.getLogprobs().size() + " log-probabilities";
        }
        if (tokens > scope.maxCompletionTokens()) {
            return tokens + " tokens, sampling.max_completion_tokens is " + scope.maxCompletionTokens();
        }
        for (int token : member.getTokens()) {
            if (!completionTokens.contains(token)) {
                return "token " + token + " is none that a completion may hold: the tokenizer's ids end at "
                        + (completionTokens.ids() - 1) + ", and placeholders of images and videos are not sampled";
            }
        }
        if (!Double.isFinite(member.getAdvantage())
                || !member.getLogprobs().stream().allMatch(Float::isFinite)) {
            return "advantage or log-probabilities are not finite";
        }
        int covered = 0;
        for (Span span : member.getSpans()) {
            if (span.getStart() != covered || span.getEnd() <= covered) {
                return "spans are not contiguous";
            }
            covered = span.getEnd();
            if (!lineage.mayHaveSampled(span.getPolicyVersion(), span.getAdapterHash())) {
                return "adapter %s of version %d was never published"
                        .formatted(span.getAdapterHash(), span.getPolicyVersion());
            }
        }
        return covered == tokens ? null : "spans cover " + covered + " of " + tokens + " tokens";
    }

    private Trainer.Group rebuild(TrainingGroup group, long version) {
        CaseRef ref = group.getCaseRef();
        Case of = resolve(ref);
        EncodedPrompt prefix = null;
        List<Trainer.Member> members = new ArrayList<>();
        for (Member member : group.getMembers()) {
            PromptEncoder.Encoded prompt = prompting.encode(ref.getFile(), of, member.getPerspective());
            if (!prompt.hash().equals(member.getPromptHash())) {
                throw new UnusableGroup("sample %d: prompt hash %s, but this learner's prompt is %s"
                        .formatted(member.getSampleIndex(), member.getPromptHash(), prompt.hash()));
            }
            prefix = prompt.prefix();
            members.add(member(member, prompt.instruction(), version));
        }
        return new Trainer.Group(
                java.util.Objects.requireNonNull(prefix, "a group has members"), members, group.getTemperature());
    }

    /** Other case files than the run's are this host's fault, and would end every group as rejected. */
    private Case resolve(CaseRef ref) {
        try {
            return cases.resolve(ref.getFile(), ref.getFileSha256(), ref.getId());
        } catch (CaseFileMismatchException e) {
            throw new UsageException("data_root: " + e.getMessage(), e);
        }
    }

    private Trainer.Member member(Member member, int[] instruction, long version) {
        int[] tokens = member.getTokens().stream().mapToInt(Integer::intValue).toArray();
        float[] logprobs = new float[tokens.length];
        for (int i = 0; i < logprobs.length; i++) {
            logprobs[i] = member.getLogprobs().get(i);
        }
        // After a swap the keys of earlier tokens stay those of the earlier version: such a completion is not on
        // policy. Nor is one that a version of another run sampled, but where it has the same weights.
        boolean onPolicy = member.getSpans().stream()
                .allMatch(span -> span.getPolicyVersion() == version && lineage.holds(version, span.getAdapterHash()));
        boolean masked = member.getTruncated() && scope.masksTruncated();
        return new Trainer.Member(instruction, tokens, logprobs, member.getAdvantage(), masked, onPolicy);
    }

    /** A prompt that is not the one that was sampled from. */
    private static final class UnusableGroup extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnusableGroup(String message) {
            super(message);
        }
    }
}
