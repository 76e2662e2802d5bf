package ai.consilium.advantage.topology;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.advantage.AdvantageRecords;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * In whatever order the records of several groups arrive, within a topic as well as between topics, and however often each is
 * delivered: each group comes out once, with the same bytes. (Which of two <em>different</em> attempts of a sample counts is
 * the log's to say: {@link InterleavingProperties}.)
 */
class DeliveryProperties {
    private static final List<String> ESTIMATORS = List.of("gba", "grpo", "dr_grpo", "rloo", "gdpo");
    private static final Map<String, byte[]> IN_ORDER = run(deliveries());

    @Property(tries = 20)
    void givenAnyOrderAndRepetitionWhenDeliveredThenNoBitChanges(@ForAll Random random) {
        List<Consumer<TopologyRig>> deliveries = new ArrayList<>(deliveries());
        for (Consumer<TopologyRig> delivery : deliveries()) {
            for (int again = random.nextInt(3); again > 0; again--) {
                deliveries.add(delivery);
            }
        }
        Collections.shuffle(deliveries, random);

        assertThat(run(deliveries)).containsExactlyEntriesOf(IN_ORDER);
    }

    /** One group for each estimator; the third member's scores come in two records, as from two reward services. */
    private static List<Consumer<TopologyRig>> deliveries() {
        List<Consumer<TopologyRig>> deliveries = new ArrayList<>();
        for (String group : ESTIMATORS) {
            deliveries.add(bench -> bench.send(AdvantageRecords.prompt(group, "pediatrics", group)));
            for (int i = 0; i < AdvantageRecords.MEMBERS.size(); i++) {
                Trajectory trajectory = Trajectory.newBuilder(AdvantageRecords.trajectory(group, i))
                        .setScoringConfigHash(group)
                        .build();
                deliveries.add(bench -> bench.send(trajectory));
                List<Score> verdicts = AdvantageRecords.scores(group, i).getScores();
                if (i == 2) {
                    deliveries.add(scores(group, i, verdicts.subList(0, 1)));
                    deliveries.add(scores(group, i, verdicts.subList(1, 3)));
                } else {
                    deliveries.add(scores(group, i, verdicts));
                }
            }
        }
        return deliveries;
    }

    private static Consumer<TopologyRig> scores(String group, int sample, List<Score> verdicts) {
        Scores record =
                new Scores(AdvantageRecords.id(sample), group, sample, group, verdicts, AdvantageRecords.CREATED);
        return bench -> bench.send(record);
    }

    private static Map<String, byte[]> run(List<Consumer<TopologyRig>> deliveries) {
        try (TopologyRig bench = new TopologyRig()) {
            for (String estimator : ESTIMATORS) {
                bench.sendConfig(ScoringConfig.newBuilder(AdvantageRecords.config(estimator))
                        .setEstimator(estimator)
                        .build());
            }
            deliveries.forEach(delivery -> delivery.accept(bench));
            Map<String, byte[]> groups = new TreeMap<>();
            for (byte[] bytes : bench.groupBytes()) {
                TrainingGroup group = bench.decoded(bytes);
                assertThat(groups.put(group.getGroupId(), bytes))
                        .as("group %s", group.getGroupId())
                        .isNull();
                assertThat(group.getBatchNormalised())
                        .isEqualTo(group.getEstimator().equals("gdpo"));
            }
            assertThat(groups).containsOnlyKeys(ESTIMATORS);
            assertThat(bench.letters()).isEmpty();
            assertThat(bench.stateEntries()).isZero();
            return groups;
        }
    }
}
