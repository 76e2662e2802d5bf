package ai.consilium.monitor.samples;

import ai.consilium.schemas.Member;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Lists the groups of a run, and shows one: the index says where its records lie, the log what is in them. Thread-safe. */
public final class SampleBrowser {
    /** Groups in a list. */
    static final int PAGE = 50;
    /** So many of the newest groups that match otherwise are searched for a text. */
    public static final int SEARCHED = 500;

    private static final int IMAGES_KNOWN = 1_000;

    private final GroupIndex index;
    private final RecordFetcher log;
    private final CaseView cases;
    /** Images of the groups that were shown lately, by hash: nothing else is handed out. */
    private final Map<String, Path> images = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Path> eldest) {
            return size() > IMAGES_KNOWN;
        }
    });

    public SampleBrowser(GroupIndex index, RecordFetcher log, CaseView cases) {
        this.index = index;
        this.log = log;
        this.cases = cases;
    }

    /**
     * A page of groups; {@code /api/samples} in JSON.
     *
     * @param groups newest first
     * @param next what the next page comes before; null on the last
     * @param indexed groups that can be looked at
     * @param begun groups of the run
     * @param searched groups whose text was searched; null without a text
     */
    public record Page(
            List<GroupIndex.Summary> groups,
            @Nullable Long next,
            long indexed,
            long begun,
            @Nullable Integer searched,
            GroupIndex.Choices choices) {}

    /**
     * Groups that match.
     *
     * @param before {@link Page#next} of the page before; null begins with the newest
     */
    public Page list(SampleFilter filter, @Nullable Long before) {
        GroupIndex.Choices choices = index.choices();
        if (filter.text().isEmpty()) {
            GroupIndex.Found found = index.find(filter, before, PAGE + 1);
            boolean more = found.groups().size() > PAGE;
            List<GroupIndex.Summary> page =
                    found.groups().subList(0, Math.min(PAGE, found.groups().size()));
            Long next = more ? Long.valueOf(page.get(PAGE - 1).sequence()) : null;
            return new Page(page, next, found.indexed(), found.begun(), null, choices);
        }
        GroupIndex.Found found = index.find(filter, before, SEARCHED);
        Set<String> having = having(filter, found.groups());
        List<GroupIndex.Summary> all = found.groups().stream()
                .filter(group -> having.contains(group.id()))
                .toList();
        List<GroupIndex.Summary> page = all.subList(0, Math.min(PAGE, all.size()));
        Long next = null;
        if (all.size() > PAGE) {
            next = page.get(PAGE - 1).sequence();
        } else if (found.groups().size() == SEARCHED) {
            next = found.groups().get(SEARCHED - 1).sequence();
        }
        return new Page(
                page, next, found.indexed(), found.begun(), found.groups().size(), choices);
    }

    private Set<String> having(SampleFilter filter, List<GroupIndex.Summary> groups) {
        String text = filter.text().toLowerCase(Locale.ROOT);
        Map<Integer, List<Long>> offsets = new TreeMap<>();
        for (GroupIndex.Places places : index.places(groups)) {
            offsets.computeIfAbsent(places.partition(), partition -> new ArrayList<>())
                    .addAll(places.trajectories());
        }
        Set<String> having = new HashSet<>();
        offsets.forEach((partition, of) -> log.read(Topics.TRAJECTORIES, Trajectory.class, partition, of, record -> {
            Trajectory trajectory = record.value();
            boolean perspective =
                    filter.perspective().isEmpty() || filter.perspective().equals(trajectory.getPerspective());
            if (perspective && trajectory.getText().toLowerCase(Locale.ROOT).contains(text)) {
                having.add(trajectory.getGroupId());
            }
        }));
        return having;
    }

    /**
     * Everything about one group.
     *
     * @return empty for one that is not indexed
     * @throws ai.consilium.platform.UsageException when the log no longer has it
     */
    public Optional<GroupView> show(String id) {
        GroupIndex.Places places = index.places(id);
        if (places == null || places.prompt() < 0) {
            return Optional.empty();
        }
        List<Prompt> prompts = read(Topics.PROMPTS, Prompt.class, places.partition(), List.of(places.prompt()));
        if (prompts.isEmpty()) {
            return Optional.empty();
        }
        Prompt prompt = prompts.get(0);
        Map<String, Scores> scores = new HashMap<>();
        read(Topics.SCORES, Scores.class, places.partition(), places.scores())
                .forEach(one -> scores.putIfAbsent(one.getTrajectoryId(), one));
        TrainingGroup closed = places.closed() < 0
                ? null
                : read(Topics.TRAINING_GROUPS, TrainingGroup.class, places.closedPartition(), List.of(places.closed()))
                        .stream()
                        .findFirst()
                        .orElse(null);
        Map<String, Member> members = new HashMap<>();
        if (closed != null) {
            closed.getMembers().forEach(member -> members.put(member.getTrajectoryId(), member));
        }
        CaseView.Shown shown = cases.show(prompt.getCaseRef(), new HashSet<>(prompt.getMembers()));
        shown.images().forEach(image -> images.put(image.sha256(), image.file()));
        Map<String, GroupView.Sample> samples = new LinkedHashMap<>();
        for (Trajectory one : read(Topics.TRAJECTORIES, Trajectory.class, places.partition(), places.trajectories())) {
            String trajectory = one.getTrajectoryId();
            if (!samples.containsKey(trajectory)) {
                samples.put(trajectory, sample(one, members.get(trajectory), scores.get(trajectory), shown));
            }
        }
        Map<String, String> texts = new TreeMap<>();
        shown.prompts().forEach((perspective, asked) -> texts.put(perspective, asked.text()));
        return Optional.of(new GroupView(
                places.summary(),
                prompt.getCaseRef().getFile(),
                texts,
                shown.images().stream()
                        .map(image -> new GroupView.Picture(image.name(), image.sha256()))
                        .toList(),
                shown.problem(),
                prompt.getAdmittedAtVersion(),
                prompt.getSampling().getTemperature(),
                closed == null ? null : closed.getEstimator(),
                closed == null ? null : closed.getClosed().name().toLowerCase(Locale.ROOT),
                samples.values().stream()
                        .sorted(Comparator.comparingInt(GroupView.Sample::sample))
                        .toList()));
    }

    private GroupView.Sample sample(
            Trajectory of, @Nullable Member member, @Nullable Scores scores, CaseView.Shown shown) {
        CaseView.Asked asked = shown.prompts().get(of.getPerspective());
        return new GroupView.Sample(
                of.getSampleIndex(),
                of.getPerspective(),
                of.getTrajectoryId(),
                asked == null ? null : asked.hash().equals(of.getPromptHash()),
                of.getFinishReason().name().toLowerCase(Locale.ROOT),
                of.getWorker(),
                cases.pieces(of.getTokens()).orElse(List.of(of.getText())),
                of.getLogprobs().stream()
                        .map(logprob -> (float) (Math.round(Math.exp(logprob) * 1e4) / 1e4))
                        .toList(),
                of.getSpans().stream()
                        .map(span -> new GroupView.Sampled(span.getPolicyVersion(), span.getStart(), span.getEnd()))
                        .toList(),
                member != null && member.getTruncated(),
                member == null ? null : member.getAdvantage(),
                member == null ? Map.of() : new TreeMap<>(member.getParts()),
                scores == null
                        ? List.of()
                        : scores.getScores().stream()
                                .map(score -> new GroupView.Given(
                                        score.getScorer(),
                                        score.getScorerVersion(),
                                        score.getValue(),
                                        score.getUnscoredReason(),
                                        List.copyOf(score.getEvidence()),
                                        score.getShadow(),
                                        score.getLate()))
                                .toList());
    }

    /** An image of a group that was shown, as the model sees it; empty for any other hash. */
    public Optional<byte[]> image(String sha256) {
        return Optional.ofNullable(images.get(sha256)).map(cases::picture);
    }

    private <T extends SpecificRecord> List<T> read(Topics topic, Class<T> type, int partition, List<Long> offsets) {
        List<T> values = new ArrayList<>();
        log.read(topic, type, partition, offsets, record -> values.add(record.value()));
        return values;
    }
}
