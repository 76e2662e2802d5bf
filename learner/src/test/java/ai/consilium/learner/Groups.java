package ai.consilium.learner;

import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UpdateKind;
import java.util.List;
import java.util.Map;

/** Records for tests. */
public final class Groups {
    public static final String SPECIALTY = "pediatrics";

    public static TrainingGroup group(String id, CaseRef ref, List<Member> members) {
        return TrainingGroup.newBuilder()
                .setGroupId(id)
                .setSpecialty(SPECIALTY)
                .setCaseRef(ref)
                .setScoringConfigHash("scoring")
                .setEstimator("gba")
                .setGroupSize(members.size())
                .setMembers(members)
                .setTemperature(1)
                .setClosed(Closing.COMPLETE)
                .setMissing(List.of())
                .setSuperseded(0)
                .setCapResidual(0)
                .setCreatedMs(1)
                .build();
    }

    public static Member member(
            int sample,
            String promptHash,
            List<Integer> tokens,
            double advantage,
            Map<String, Double> parts,
            Span... spans) {
        return Member.newBuilder()
                .setTrajectoryId("t" + sample)
                .setSampleIndex(sample)
                .setPerspective("none")
                .setPromptHash(promptHash)
                .setTokens(tokens)
                .setLogprobs(tokens.stream().map(token -> -0.5f).toList())
                .setSpans(List.of(spans))
                .setTruncated(false)
                .setAdvantage(advantage)
                .setParts(parts)
                .build();
    }

    /** An update that was published at a hundred milliseconds a version. */
    public static PolicyUpdate update(long version, String hash) {
        return PolicyUpdate.newBuilder()
                .setSpecialty(SPECIALTY)
                .setVersion(version)
                .setKind(version == 0 ? UpdateKind.DSA : UpdateKind.REINFORCEMENT)
                .setFinalVersion(false)
                .setParents(List.of())
                .setAdapterHash(hash)
                .setAdapterBytes(1)
                .setChunks(1)
                .setFigures(Map.of())
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .setConfigHash("config")
                .setWriter("test")
                .setCreatedMs(100 * version)
                .build();
    }

    private Groups() {}
}
