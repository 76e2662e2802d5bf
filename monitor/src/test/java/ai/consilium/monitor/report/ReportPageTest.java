package ai.consilium.monitor.report;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.monitor.samples.GroupIndex;
import ai.consilium.monitor.samples.GroupView;
import ai.consilium.monitor.state.ChartData;
import ai.consilium.monitor.state.RunState;
import ai.consilium.testing.TestSeed;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ReportPageTest {
    private static final ReportFacts NOTHING =
            new ReportFacts(List.of(), List.of(), "", null, null, null, Map.of(), List.of());
    private static final Random RANDOM = new Random(TestSeed.of(ReportPageTest.class));

    private static ChartData.Line line(int points) {
        float[] values = new float[points];
        float[] lower = new float[points];
        for (int i = 0; i < points; i++) {
            values[i] = RANDOM.nextFloat();
            lower[i] = values[i] - 1;
        }
        return new ChartData.Line(
                20, LongStream.range(0, points).map(i -> 20 * i).toArray(), values, lower, values.clone());
    }

    private static ChartData charts(int policies, int points) {
        List<ChartData.Policy> all = new ArrayList<>();
        for (int policy = 0; policy < policies; policy++) {
            Map<String, ChartData.Line> figures = new TreeMap<>();
            for (int figure = 0; figure < 20; figure++) {
                figures.put("figure " + figure, line(points));
            }
            all.add(new ChartData.Policy("policy " + policy, figures, figures, Map.of("none", line(points))));
        }
        return new ChartData(1, all, new long[17]);
    }

    private static ReportedRun.Sample sample(String policy, String image) {
        GroupIndex.Summary summary = new GroupIndex.Summary(
                1, "g", policy, policy, "rl", "case", Set.of("none"), 1, 1.0, 1.0, "trained", 1L, 0L, 0L);
        GroupView.Sample one = new GroupView.Sample(
                0,
                "none",
                "t",
                true,
                "stop",
                "w",
                Collections.nCopies(5_000, " word"),
                Collections.nCopies(5_000, 0.1234f),
                List.of(new GroupView.Sampled(1, 0, 5_000)),
                false,
                1.0,
                Map.of(),
                List.of());
        GroupView group = new GroupView(
                summary,
                "train.jsonl",
                Map.of("none", "x".repeat(100_000)),
                List.of(new GroupView.Picture("image", "sha")),
                null,
                0,
                1,
                "gba",
                "complete",
                List.of(one));
        return new ReportedRun.Sample(policy, true, group.only(0, 600, 6_000), Map.of("sha", image));
    }

    private static String photograph() throws IOException {
        BufferedImage image = new BufferedImage(2_000, 1_500, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                image.setRGB(x, y, RANDOM.nextInt(1 << 24));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return ReportPicture.url(out.toByteArray()).orElseThrow();
    }

    @Test
    void givenALongRunOfManySpecialtiesWithLargeImagesThenThePageStaysUnderItsBound() throws IOException {
        String photograph = photograph();
        assertThat(photograph).startsWith("data:image/jpeg;base64,").hasSizeLessThan(100_000);
        List<ReportedRun.Sample> samples = new ArrayList<>();
        for (int policy = 0; policy < 12; policy++) {
            samples.addAll(Collections.nCopies(4, sample("policy " + policy, photograph)));
        }
        ReportedRun run = new ReportedRun(new RunState("long", List.of("policy 0"), 3).at(0), charts(12, 512), samples);

        String page = ReportPage.of(run, NOTHING);

        int size = page.getBytes(StandardCharsets.UTF_8).length;
        System.out.println("ReportPageTest: a page of a long run has " + size + " bytes");
        assertThat(size).isLessThan(ReportPage.MOST_BYTES);
        assertThat(page).contains("policy 11", "data:image/jpeg", "[cut here]");
    }

    @Test
    void givenACurveWhenThinnedThenNoPeakIsLostAndEveryPointStandsAtItsFirstVersion() {
        ChartData.Line thin = line(512).within(100);

        assertThat(thin.x()).hasSizeLessThanOrEqualTo(100).startsWith(0, thin.width());
        assertThat(thin.width()).isEqualTo(160);
        ChartData.Line single = new ChartData.Line(1, new long[] {0, 1, 5}, new float[] {1, 3, 2}, null, null);
        assertThat(single.within(10)).usingRecursiveComparison().isEqualTo(single);
        ChartData.Line joined = single.within(2);
        assertThat(joined.x()).containsExactly(0, 4);
        assertThat(joined.mean()).containsExactly(2, 2);
        assertThat(joined.max()).containsExactly(3, 2);
    }
}
