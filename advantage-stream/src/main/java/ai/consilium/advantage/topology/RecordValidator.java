package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.schemas.GivenScores;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** What is wrong with a record that came in, in words; null when nothing is. */
final class RecordValidator {
    /** Stored keys and markers are joined with these characters. */
    private static final Pattern UNUSABLE_ID = Pattern.compile("\\p{Cntrl}|,");

    private RecordValidator() {}

    /** Checks that need nothing but the record. */
    static @Nullable String problem(@Nullable String key, @Nullable Decoded<?> decoded) {
        if (decoded != null && decoded.poisoned()) {
            return "unreadable: " + decoded.problem();
        }
        SpecificRecord value = decoded == null ? null : decoded.value();
        if (value == null) {
            return "no value";
        }
        String groupId = groupId(value);
        if (!groupId.equals(key)) {
            return "the key '" + key + "' is not the group id '" + groupId + "'";
        }
        if (groupId.isEmpty() || UNUSABLE_ID.matcher(groupId).find()) {
            return "the group id is empty or holds a comma or a control character";
        }
        if (value instanceof Trajectory trajectory) {
            return problem(trajectory);
        }
        return value instanceof Scores scores ? problem(scores) : null;
    }

    /** What makes a prompt unusable for this run. */
    static @Nullable String problem(Prompt prompt, PolicyTable policies) {
        List<String> specialties = policies.specialties();
        if (!specialties.contains(prompt.getSpecialty())) {
            return "specialty '" + prompt.getSpecialty() + "' is not one of " + specialties;
        }
        String policy = PolicyTable.policyOf(prompt);
        if (!policies.policies().contains(policy)) {
            return "policy '" + policy + "' is not one of " + policies.policies();
        }
        if (prompt.getMembers().isEmpty()) {
            return "the group has no members";
        }
        return Purpose.problem(prompt.getPurpose(), prompt.getSampling().getTemperature());
    }

    /** Whether a trajectory is what its prompt asked for. */
    static @Nullable String problem(Prompt prompt, Trajectory trajectory) {
        int sample = trajectory.getSampleIndex();
        int size = prompt.getMembers().size();
        if (sample < 0 || sample >= size) {
            return "sample " + sample + " does not exist in a group of " + size;
        }
        String perspective = prompt.getMembers().get(sample);
        if (!perspective.equals(trajectory.getPerspective())) {
            return "sample " + sample + " was sampled under '" + trajectory.getPerspective() + "', its prompt says '"
                    + perspective + "'";
        }
        if (!prompt.getSpecialty().equals(trajectory.getSpecialty())) {
            return "specialty '" + trajectory.getSpecialty() + "' is not its prompt's '" + prompt.getSpecialty() + "'";
        }
        String policy = PolicyTable.policyOf(trajectory);
        if (!PolicyTable.policyOf(prompt).equals(policy)) {
            return "policy '" + policy + "' is not its prompt's '" + PolicyTable.policyOf(prompt) + "'";
        }
        if (!prompt.getPurpose().equals(trajectory.getPurpose())) {
            return "purpose '" + trajectory.getPurpose() + "' is not its prompt's '" + prompt.getPurpose() + "'";
        }
        String other = prompt.getPurpose().equals(Purpose.VALIDATION) ? versionProblem(prompt, trajectory) : null;
        return other != null ? other : hashProblem(prompt, trajectory.getScoringConfigHash());
    }

    /** What is examined is one version, whichever is the newest meanwhile. */
    private static @Nullable String versionProblem(Prompt prompt, Trajectory trajectory) {
        long asked = prompt.getAdmittedAtVersion();
        return trajectory.getSpans().stream()
                .map(Span::getPolicyVersion)
                .filter(version -> version != asked)
                .findFirst()
                .map(version -> "it was sampled by version " + version + ", its prompt examines version " + asked)
                .orElse(null);
    }

    /** Whether scores were made by what the prompt is stamped with. */
    static @Nullable String problem(Prompt prompt, Scores scores) {
        return hashProblem(prompt, scores.getScoringConfigHash());
    }

    private static @Nullable String hashProblem(Prompt prompt, String hash) {
        return prompt.getScoringConfigHash().equals(hash)
                ? null
                : "scoring configuration " + hash + " is not its prompt's " + prompt.getScoringConfigHash();
    }

    private static @Nullable String problem(Trajectory trajectory) {
        if (unusableId(trajectory.getTrajectoryId())) {
            return "the trajectory id is empty or holds a comma or a control character";
        }
        int tokens = trajectory.getTokens().size();
        int logprobs = trajectory.getLogprobs().size();
        return tokens == logprobs ? null : tokens + " tokens have " + logprobs + " log-probabilities";
    }

    private static @Nullable String problem(Scores scores) {
        if (unusableId(scores.getTrajectoryId())) {
            return "the trajectory id is empty or holds a comma or a control character";
        }
        return GivenScores.problem(scores);
    }

    private static boolean unusableId(String id) {
        return id.isEmpty() || UNUSABLE_ID.matcher(id).find();
    }

    private static String groupId(SpecificRecord value) {
        if (value instanceof Prompt prompt) {
            return prompt.getGroupId();
        }
        if (value instanceof Trajectory trajectory) {
            return trajectory.getGroupId();
        }
        if (value instanceof Scores scores) {
            return scores.getGroupId();
        }
        throw new IllegalStateException("not an input of the topology: " + value.getClass());
    }
}
