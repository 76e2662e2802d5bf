package ai.consilium.platform.run;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes that one role writes. Version 0.1 spelt a learner's writer with a space ("learner a"); the field is for people, and
 * nothing depends on it.
 *
 * @param writer role and instance, as {@link RunContext#writer} names them
 */
public record OutcomeFactory(String writer) {
    private static final long NO_VERSION = -1;

    /** The end of a group that a policy version was trained on. */
    public GroupOutcome trained(String groupId, String specialty, long version, long nowMs) {
        return outcome(groupId, specialty, Outcome.TRAINED, "trained on", nowMs)
                .setPolicyVersion(version)
                .build();
    }

    /** The end of a group that no version was trained on. @throws IllegalArgumentException for {@link Outcome#TRAINED} */
    public GroupOutcome untrained(String groupId, String specialty, Outcome outcome, String reason, long nowMs) {
        if (outcome == Outcome.TRAINED) {
            throw new IllegalArgumentException("group " + groupId + " is trained on by a version");
        }
        return outcome(groupId, specialty, outcome, reason, nowMs).build();
    }

    /** The end of a group in which no component of the reward varies. @param passRate share of right answers, or null */
    public GroupOutcome filtered(
            String groupId, String specialty, String reason, @Nullable Double passRate, long nowMs) {
        GroupOutcome.Builder filtered = outcome(groupId, specialty, Outcome.FILTERED, reason, nowMs);
        if (passRate != null) {
            filtered.setPassRate(passRate);
        }
        return filtered.build();
    }

    /** The end of a group that was only to be examined. @param accuracy share of right answers, or null where none was judged */
    public GroupOutcome examined(
            String groupId, String specialty, long version, @Nullable Double accuracy, long nowMs) {
        GroupOutcome.Builder examined =
                outcome(groupId, specialty, Outcome.EXAMINED, "examined", nowMs).setPolicyVersion(version);
        if (accuracy != null) {
            examined.setPassRate(accuracy);
        }
        return examined.build();
    }

    private GroupOutcome.Builder outcome(String groupId, String specialty, Outcome outcome, String reason, long nowMs) {
        return GroupOutcome.newBuilder()
                .setGroupId(groupId)
                .setSpecialty(specialty)
                .setOutcome(outcome)
                .setReason(reason)
                .setPolicyVersion(NO_VERSION)
                .setWriter(writer)
                .setCreatedMs(nowMs);
    }
}
