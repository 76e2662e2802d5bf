package ai.consilium.monitor.report;

import ai.consilium.monitor.MonitorInputs;
import ai.consilium.monitor.reading.RunTopics;
import ai.consilium.monitor.samples.GroupIndex;
import ai.consilium.monitor.samples.GroupView;
import ai.consilium.monitor.samples.RecordFetcher;
import ai.consilium.monitor.samples.SampleBrowser;
import ai.consilium.monitor.state.ChartData;
import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.monitor.state.RunState;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a report tells of a run, as its log has it by now.
 *
 * @param samples a few of each policy
 */
public record ReportedRun(RunSnapshot picture, ChartData charts, List<Sample> samples) {
    /** Samples of each policy that are right, and so many that are wrong. */
    private static final int OF_EACH = 2;

    private static final int MOST_TOKENS = 600;
    private static final int MOST_PROMPT = 6_000;

    /**
     * One sample.
     *
     * @param group with nothing but it
     * @param images data URLs by hash; what cannot be decoded is absent
     */
    public record Sample(String policy, boolean right, GroupView group, Map<String, String> images) {
        int imageBytes() {
            return images.values().stream().mapToInt(String::length).sum();
        }

        Sample withoutImages() {
            return new Sample(policy, right, group, Map.of());
        }
    }

    /**
     * Reads the log from its beginning; writes nothing.
     *
     * @param specialties in configuration order
     */
    public static ReportedRun read(KafkaClients kafka, String runId, List<String> specialties, MonitorInputs inputs) {
        RunState state = new RunState(runId, specialties, inputs.steps());
        GroupIndex index = new GroupIndex();
        SampleChoice choice = new SampleChoice();
        try (RunTopics topics = new RunTopics(kafka, RunTopics.SHOWN, UnusableRecords.LOGGED)) {
            topics.catchUp(() -> true, record -> {
                state.add(record.value(), record.offset(), record.timestamp());
                index.add(record);
                if (record.value() instanceof TrainingGroup group) {
                    choice.add(group);
                }
            });
        }
        state.caughtUp();
        SampleBrowser browser = new SampleBrowser(index, new RecordFetcher(kafka), inputs.cases());
        List<Sample> samples = choice.chosen(OF_EACH).stream()
                .flatMap(chosen -> sample(browser, chosen).stream())
                .toList();
        return new ReportedRun(state.at(System.currentTimeMillis()), state.charts(), samples);
    }

    private static Optional<Sample> sample(SampleBrowser browser, SampleChoice.Candidate chosen) {
        Optional<GroupView> group;
        try {
            group = browser.show(chosen.groupId());
        } catch (UsageException gone) {
            // Its trajectories left the log: that is told where there is no sample at all.
            return Optional.empty();
        }
        return group.map(it -> it.only(chosen.sample(), MOST_TOKENS, MOST_PROMPT))
                .filter(it -> !it.samples().isEmpty())
                .map(it -> new Sample(chosen.policy(), chosen.right(), it, images(browser, it)));
    }

    private static Map<String, String> images(SampleBrowser browser, GroupView group) {
        Map<String, String> images = new LinkedHashMap<>();
        for (GroupView.Picture picture : group.images()) {
            browser.image(picture.sha256())
                    .flatMap(ReportPicture::url)
                    .ifPresent(url -> images.put(picture.sha256(), url));
        }
        return images;
    }

    /** The same with fewer points in a curve and without images beyond a number of bytes. */
    ReportedRun within(int points, int imageBytes) {
        List<Sample> fewer = new ArrayList<>();
        int left = imageBytes;
        for (Sample sample : samples) {
            left -= sample.imageBytes();
            fewer.add(left < 0 ? sample.withoutImages() : sample);
        }
        return new ReportedRun(picture, charts.within(points), fewer);
    }

    /** The same without samples. */
    ReportedRun withoutSamples() {
        return new ReportedRun(picture, charts, List.of());
    }
}
