package ai.consilium.advantage;

import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;

/** One record for one of the stream's inputs. */
record Delivery(Topics topic, String key, SpecificRecord value) {
    /** The scoring configuration that the records of {@link AdvantageRecords} name. */
    static Delivery config() {
        return new Delivery(Topics.SCORING_CONFIGS, "config", AdvantageRecords.config("config"));
    }

    /** All that a group needs, in order; rewards are drawn, and a quarter of the trajectories come twice. */
    static List<Delivery> group(String id, Random random) {
        List<Delivery> group = new ArrayList<>();
        Prompt prompt = Prompt.newBuilder(AdvantageRecords.prompt(id))
                .setDeadlineMs(Long.MAX_VALUE)
                .build();
        group.add(new Delivery(Topics.PROMPTS, id, prompt));
        for (int i = 0; i < AdvantageRecords.MEMBERS.size(); i++) {
            Trajectory trajectory = AdvantageRecords.trajectory(id, i);
            Scores scores = AdvantageRecords.scores(id, i, trajectory.getTrajectoryId(), random.nextInt(2));
            group.add(new Delivery(Topics.TRAJECTORIES, id, trajectory));
            group.add(new Delivery(Topics.SCORES, id, scores));
            if (random.nextInt(4) == 0) { // delivered again, as after a worker's restart
                group.add(new Delivery(Topics.TRAJECTORIES, id, trajectory));
            }
        }
        return group;
    }
}
