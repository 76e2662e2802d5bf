package ai.consilium.advantage.topology;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.advantage.AdvantageRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * However the three topics interleave, the group that comes out has the same bytes. Order within a topic is the log's and
 * stays.
 */
class InterleavingProperties {
    private static final byte[] IN_TOPIC_ORDER =
            run(List.of(prompts(), trajectories(), scores()), new Random(0), false);

    @Property(tries = 25)
    void givenAnyInterleavingWhenDeliveredThenNoBitChanges(@ForAll Random random) {
        byte[] group = run(List.of(prompts(), trajectories(), scores()), random, true);

        assertThat(group).isEqualTo(IN_TOPIC_ORDER);
    }

    private static List<Step> prompts() {
        return List.of(
                bench -> bench.send(AdvantageRecords.prompt("g")), bench -> bench.send(AdvantageRecords.prompt("g")));
    }

    /** With a superseded attempt, one doubled trajectory, and an attempt behind the last member. */
    private static List<Step> trajectories() {
        List<Step> steps = new ArrayList<>();
        for (int sample : new int[] {3, 0, 7, 1, 2, 6, 4, 5}) {
            steps.add(bench -> bench.send(AdvantageRecords.trajectory("g", sample)));
            if (sample == 7) {
                steps.add(bench -> bench.send(AdvantageRecords.trajectory("g", 0, "again")));
                steps.add(bench -> bench.send(AdvantageRecords.trajectory("g", 3)));
            }
        }
        steps.add(bench -> bench.send(AdvantageRecords.trajectory("g", 2, "behind")));
        return steps;
    }

    /** With a second opinion that comes too late to count. */
    private static List<Step> scores() {
        List<Step> steps = new ArrayList<>();
        for (int sample : new int[] {7, 6, 0, 1, 5, 4, 3, 2}) {
            steps.add(bench -> bench.send(AdvantageRecords.scores("g", sample)));
            steps.add(bench -> bench.send(AdvantageRecords.scores("g", sample, AdvantageRecords.id(sample), 0.5)));
        }
        steps.add(bench -> bench.send(AdvantageRecords.scores("g", 0, "again", 0)));
        return steps;
    }

    private static byte[] run(List<List<Step>> topics, Random random, boolean interleaved) {
        List<List<Step>> left = new ArrayList<>();
        topics.forEach(topic -> left.add(new ArrayList<>(topic)));
        try (TopologyRig bench = TopologyRig.ready()) {
            while (!left.isEmpty()) {
                int topic = interleaved ? random.nextInt(left.size()) : 0;
                left.get(topic).remove(0).on(bench);
                left.removeIf(List::isEmpty);
            }
            List<byte[]> groups = bench.groupBytes();
            assertThat(groups).hasSize(1);
            assertThat(bench.stateEntries()).isZero();
            assertThat(bench.letters()).isEmpty();
            return groups.get(0);
        }
    }

    private interface Step {
        void on(TopologyRig bench);
    }
}
