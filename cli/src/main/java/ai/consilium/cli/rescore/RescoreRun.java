package ai.consilium.cli.rescore;

import ai.consilium.advantage.group.Attempts;
import ai.consilium.advantage.group.GroupScoringRule;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.runlog.RecordedGroups;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/** Reads the recorded groups of a run, scores their trajectories again and compares the advantages. Writes nothing to the log. */
public final class RescoreRun {
    /**
     * How it is done.
     *
     * @param other configuration instead of the one that each group was scored by
     * @param remote whether services are asked
     * @param resources what they are asked with
     * @param unscoredOnly whether only what has no score is scored again
     * @param threads that score beside each other
     * @param data finds the root of the case files, which may have to be fetched
     * @param top how many of the most changed groups are named
     */
    public record Setting(
            Optional<ScoringDefinition> other,
            boolean remote,
            ScorerType.Resources resources,
            boolean unscoredOnly,
            int threads,
            Supplier<Path> data,
            int top) {}

    private final KafkaClients kafka;
    private final Setting setting;
    private final Map<String, GroupScoringRule> rules = new HashMap<>();
    private final Map<String, Rescorer> rescorers = new HashMap<>();
    private final Map<String, List<Attempts.Attempt>> attempts = new HashMap<>();
    private final Map<String, Scores> again = new HashMap<>();
    private @Nullable CaseLibrary library;

    private RescoreRun(KafkaClients kafka, Setting setting) {
        this.kafka = kafka;
        this.setting = setting;
    }

    /** Does it. @throws UsageException when the configuration of a group cannot be used, or its case is not there */
    public static Rescoring of(KafkaClients kafka, Setting setting) {
        return groups(kafka, setting).rescoring();
    }

    /** Does it, for those who go on with the groups. @throws UsageException likewise */
    public static RescoredRun groups(KafkaClients kafka, Setting setting) {
        return new RescoreRun(kafka, setting).rescored();
    }

    private RescoredRun rescored() {
        long begin = System.nanoTime();
        RecordedGroups recorded = RecordedGroups.read(kafka);
        SortedSet<String> used = recorded.groups().values().stream()
                .map(group -> group.prompt().getScoringConfigHash())
                .collect(Collectors.toCollection(TreeSet::new));
        boolean own =
                setting.other().map(other -> used.equals(Set.of(other.hash()))).orElse(true);
        prepare(used, recorded.configs(), own);
        scoreAll(recorded);
        Map<String, RescoredGroup> groups = new LinkedHashMap<>();
        recorded.groups()
                .forEach(
                        (id, group) -> again(group, recorded.scores()).ifPresent(rescored -> groups.put(id, rescored)));
        List<GroupChange> changes =
                groups.values().stream().map(RescoredGroup::change).toList();
        ScorerTally.Tallies tallies = new ScorerTally.Tallies();
        changes.stream()
                .flatMap(change -> change.members().stream())
                .map(GroupChange.Member::trajectoryId)
                .forEach(id -> tallies.add(scores(recorded.scores(), id), scores(again, id)));
        RescoreSummary.Work work = new RescoreSummary.Work(
                List.copyOf(used),
                used.stream().map(this::applied).distinct().sorted().toList(),
                again.size(),
                rescorers.values().stream().mapToLong(Rescorer::asked).sum(),
                (System.nanoTime() - begin) / 1e9,
                recorded.others(),
                recorded.groups().size() - changes.size(),
                used.stream().anyMatch(hash -> rule(applied(hash)).estimator().normalisesOverBatch()));
        boolean check = own && !setting.remote() && !setting.unscoredOnly();
        Map<String, ScoringConfig> configs = new HashMap<>();
        used.forEach(hash -> configs.put(
                applied(hash), Objects.requireNonNull(rules.get(applied(hash))).config()));
        return new RescoredRun(
                new Rescoring(RescoreSummary.of(work, check, changes, tallies.byScorer(), setting.top()), changes),
                groups,
                again,
                configs);
    }

    /** @param own whether each group is scored by what scored it */
    private void prepare(Set<String> used, Map<String, ScoringConfig> configs, boolean own) {
        for (String hash : used) {
            ScoringConfig config = configs.get(hash);
            if (config == null) {
                throw new UsageException("scoring configuration " + hash + " is not on the log");
            }
            rules.put(hash, GroupScoringRule.of(config));
            rescorers.computeIfAbsent(applied(hash), h -> rescorer(config, own));
        }
        setting.other().ifPresent(other -> rules.put(other.hash(), GroupScoringRule.of(other.config())));
    }

    /** Hash of the configuration that is applied to a group which the run scored by another, or by the same. */
    private String applied(String recorded) {
        return setting.other().map(ScoringDefinition::hash).orElse(recorded);
    }

    private GroupScoringRule rule(String hash) {
        return Objects.requireNonNull(rules.get(hash), hash);
    }

    private Rescorer rescorer(ScoringConfig recorded, boolean own) {
        Rescorer.Asking asking = new Rescorer.Asking(own, setting.remote(), setting.unscoredOnly());
        try {
            ScoringDefinition definition = setting.other().orElseGet(() -> ScoringDefinition.of(recorded));
            return new Rescorer(definition.scorers(), asking, new Shelf(), setting.resources());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage() + "; --set or --config gives another", e);
        }
    }

    /** The files are opened only when a scorer wants a case: other weights need none. */
    private synchronized CaseLibrary library() {
        if (library == null) {
            library = new CaseLibrary(setting.data().get());
        }
        return library;
    }

    /** The cases that the run's records name. */
    private final class Shelf implements Rescorer.Cases {
        @Override
        public Case of(CaseRef ref) {
            try {
                return library().resolve(ref.getFile(), ref.getFileSha256(), ref.getId());
            } catch (CaseFileMismatchException here) {
                throw new UsageException("data_root: " + here.getMessage(), here);
            }
        }

        @Override
        public List<Path> images(CaseRef ref, Case of) {
            return library().images(ref.getFile(), of);
        }
    }

    private void scoreAll(RecordedGroups recorded) {
        Map<String, Set<String>> members = new HashMap<>();
        recorded.groups().forEach((id, group) -> {
            Set<String> ids = new HashSet<>();
            group.members().forEach(member -> {
                ids.add(member.trajectoryId());
                attemptsOf(id).add(new Attempts.Attempt(member.sample(), member.trajectoryId()));
            });
            members.put(id, ids);
        });
        ExecutorService pool = Executors.newFixedThreadPool(setting.threads());
        try {
            TopicContent.batches(kafka, Topics.TRAJECTORIES, Trajectory.class, null, batch -> {
                Map<String, Future<Scores>> underway = new HashMap<>();
                for (ConsumerRecord<String, Trajectory> record : batch) {
                    Trajectory trajectory = record.value();
                    String id = trajectory.getTrajectoryId();
                    RecordedGroups.Group group = recorded.groups().get(trajectory.getGroupId());
                    Scores before = recorded.scores().get(id);
                    if (group == null || again.containsKey(id) || !counts(group, trajectory, members)) {
                        continue;
                    }
                    if (before != null && !underway.containsKey(id)) {
                        Rescorer rescorer = Objects.requireNonNull(
                                rescorers.get(applied(group.prompt().getScoringConfigHash())));
                        underway.put(id, pool.submit(() -> rescorer.score(trajectory, before)));
                    }
                }
                underway.forEach((id, scores) -> again.put(id, done(scores)));
            });
        } finally {
            pool.shutdownNow();
        }
    }

    /** Whether a trajectory is a member; of a filtered group, whose members are not recorded, the first of each sample is. */
    private boolean counts(RecordedGroups.Group group, Trajectory trajectory, Map<String, Set<String>> members) {
        String groupId = trajectory.getGroupId();
        if (!group.filtered()) {
            return members.getOrDefault(groupId, Set.of()).contains(trajectory.getTrajectoryId());
        }
        List<Attempts.Attempt> known = attemptsOf(groupId);
        if (known.stream().anyMatch(attempt -> attempt.sample() == trajectory.getSampleIndex())) {
            return false;
        }
        known.add(new Attempts.Attempt(trajectory.getSampleIndex(), trajectory.getTrajectoryId()));
        return true;
    }

    private List<Attempts.Attempt> attemptsOf(String groupId) {
        return attempts.computeIfAbsent(groupId, id -> new ArrayList<>());
    }

    private static Scores done(Future<Scores> scores) {
        try {
            return scores.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private Optional<RescoredGroup> again(RecordedGroups.Group group, Map<String, Scores> recorded) {
        String hash = group.prompt().getScoringConfigHash();
        return RescoredGroup.of(
                group,
                new Attempts(attemptsOf(group.prompt().getGroupId())),
                new RescoredGroup.Scoring(rule(hash), recorded),
                new RescoredGroup.Scoring(rule(applied(hash)), again));
    }

    private static Scores scores(Map<String, Scores> byTrajectory, String id) {
        return Objects.requireNonNull(byTrajectory.get(id), id);
    }
}
