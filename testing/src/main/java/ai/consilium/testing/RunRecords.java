package ai.consilium.testing;

import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.UpdateKind;
import java.util.List;
import java.util.Map;

/** Records of the catalogue for tests that care little about what is in them. */
public final class RunRecords {
    private RunRecords() {}

    /** A prompt of two members. */
    public static Prompt prompt(String groupId, String specialty) {
        return Prompt.newBuilder()
                .setGroupId(groupId)
                .setSpecialty(specialty)
                .setCaseRef(new CaseRef("train.jsonl", "00", "case-1"))
                .setMembers(List.of("analytical", "intuitive"))
                .setSampling(new Sampling(1.0, 64))
                .setGroupSeed(7)
                .setDeadlineMs(Long.MAX_VALUE)
                .setScoringConfigHash("none")
                .setAdmittedAtVersion(0)
                .setCreatedMs(1)
                .build();
    }

    /** How a group ended. */
    public static GroupOutcome outcome(String groupId, Outcome outcome) {
        OutcomeFactory outcomes = new OutcomeFactory("test");
        return outcome == Outcome.TRAINED
                ? outcomes.trained(groupId, "pediatrics", -1, 1)
                : outcomes.untrained(groupId, "pediatrics", outcome, "test", 1);
    }

    /** An update that names an adapter file. */
    public static PolicyUpdate update(String specialty, long version, int chunks, long bytes) {
        return PolicyUpdate.newBuilder()
                .setSpecialty(specialty)
                .setVersion(version)
                .setKind(version == 0 ? UpdateKind.DSA : UpdateKind.REINFORCEMENT)
                .setFinalVersion(false)
                .setParents(List.of())
                .setAdapterHash("hash")
                .setAdapterBytes(bytes)
                .setChunks(chunks)
                .setFigures(Map.of())
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .setConfigHash("config")
                .setWriter("test")
                .setCreatedMs(1)
                .build();
    }
}
