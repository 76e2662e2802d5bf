package ai.consilium.runlog;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.GivenScores;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The groups of a run that advantages were computed of, as the log has them: what went into the advantages, but for the
 * trajectories themselves, and what came out.
 *
 * @param groups by id, in the order of their prompts
 * @param configs scoring configurations by hash
 * @param scores by trajectory id: the first record of each, without the scores that came late
 * @param others how many groups have no advantages, by why
 */
public record RecordedGroups(
        Map<String, Group> groups,
        Map<String, ScoringConfig> configs,
        Map<String, Scores> scores,
        SortedMap<String, Long> others) {
    /**
     * One group.
     *
     * @param members whose advantages were published, in sample order; none of a group that was filtered
     */
    public record Group(Prompt prompt, List<Member> members) {
        public Group {
            members = List.copyOf(members);
        }

        /** Whether no component of its reward varied, so that it has no advantages. */
        public boolean filtered() {
            return members.isEmpty();
        }
    }

    /**
     * One sample with its advantage.
     *
     * @param parts of the advantage, by name
     */
    public record Member(int sample, String trajectoryId, double advantage, Map<String, Double> parts) {}

    /** Those that are on the log by now. */
    public static RecordedGroups read(KafkaClients kafka) {
        Map<String, List<Member>> closed = new HashMap<>();
        TopicContent.read(
                kafka,
                Topics.TRAINING_GROUPS,
                TrainingGroup.class,
                group -> closed.putIfAbsent(group.getGroupId(), members(group)));
        Map<String, Outcome> outcomes = new HashMap<>();
        TopicContent.read(
                kafka,
                Topics.GROUP_OUTCOMES,
                GroupOutcome.class,
                outcome -> outcomes.putIfAbsent(outcome.getGroupId(), outcome.getOutcome()));
        Map<String, Group> groups = new LinkedHashMap<>();
        SortedMap<String, Long> others = new TreeMap<>();
        TopicContent.read(kafka, Topics.PROMPTS, Prompt.class, prompt -> {
            String id = prompt.getGroupId();
            Outcome outcome = outcomes.get(id);
            if (!prompt.getPurpose().equals(Purpose.RL)) {
                others.merge(prompt.getPurpose(), 1L, Long::sum);
            } else if (closed.containsKey(id) || outcome == Outcome.FILTERED) {
                groups.putIfAbsent(id, new Group(prompt, closed.getOrDefault(id, List.of())));
            } else {
                others.merge(outcome == null ? "open" : outcome.name().toLowerCase(Locale.ROOT), 1L, Long::sum);
            }
        });
        Map<String, ScoringConfig> configs = new HashMap<>();
        TopicContent.read(
                kafka,
                Topics.SCORING_CONFIGS,
                ScoringConfig.class,
                config -> configs.putIfAbsent(config.getHash(), config));
        return new RecordedGroups(groups, configs, scores(kafka, groups), others);
    }

    private static List<Member> members(TrainingGroup group) {
        return group.getMembers().stream()
                .map(member -> new Member(
                        member.getSampleIndex(), member.getTrajectoryId(), member.getAdvantage(), member.getParts()))
                .sorted(Comparator.comparingInt(Member::sample))
                .toList();
    }

    private static Map<String, Scores> scores(KafkaClients kafka, Map<String, Group> groups) {
        Map<String, Scores> first = new HashMap<>();
        TopicContent.read(kafka, Topics.SCORES, Scores.class, scores -> {
            if (groups.containsKey(scores.getGroupId())) {
                GivenScores.inTime(scores)
                        .ifPresent(given -> first.merge(given.getTrajectoryId(), given, GivenScores::with));
            }
        });
        return first;
    }
}
