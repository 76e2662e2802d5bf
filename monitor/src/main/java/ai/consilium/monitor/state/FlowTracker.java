package ai.consilium.monitor.state;

import ai.consilium.monitor.state.RunFlow.Arrow;
import ai.consilium.monitor.state.RunFlow.Stage;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where the open groups are between two stages. Remembers the groups that have not ended, and rates. */
final class FlowTracker {
    /** What is known of an open group; parts may come in any order. */
    private static final class Open {
        private int members;
        private final BitSet sampled = new BitSet();
        private final BitSet scored = new BitSet();
        private boolean closed;
        private long sinceMs = Long.MAX_VALUE;

        /** The stage whose turn it is: the index of the arrow that the group is on. */
        private int at() {
            if (closed) {
                return RunFlow.GROUPS;
            }
            if (members == 0 || sampled.cardinality() < members) {
                return scored.cardinality() < sampled.cardinality() ? RunFlow.TRAJECTORIES : RunFlow.PROMPTS;
            }
            return scored.cardinality() < members ? RunFlow.TRAJECTORIES : RunFlow.SCORES;
        }
    }

    private final Map<String, Open> open = new HashMap<>();
    private final List<RateWindow> rates =
            List.of(new RateWindow(), new RateWindow(), new RateWindow(), new RateWindow(), new RateWindow());

    void prompt(Prompt prompt) {
        Open group = of(prompt.getGroupId(), prompt.getCreatedMs());
        group.members = prompt.getMembers().size();
    }

    void sampled(Trajectory trajectory) {
        of(trajectory.getGroupId(), trajectory.getCreatedMs()).sampled.set(trajectory.getSampleIndex());
    }

    void scored(Scores scores) {
        of(scores.getGroupId(), scores.getCreatedMs()).scored.set(scores.getSampleIndex());
    }

    void closed(TrainingGroup group, long atMs) {
        of(group.getGroupId(), atMs).closed = true;
    }

    void ended(String groupId) {
        open.remove(groupId);
    }

    /** One more record on an arrow. */
    void passed(int arrow, long atMs) {
        rates.get(arrow).add(atMs, 1);
    }

    private Open of(String groupId, long atMs) {
        Open group = open.computeIfAbsent(groupId, id -> new Open());
        group.sinceMs = group.sinceMs == Long.MAX_VALUE ? atMs : Math.max(group.sinceMs, atMs);
        return group;
    }

    /** Groups on an arrow: the stage at its end has them, or will take them, next. */
    int waiting(int arrow) {
        return (int) open.values().stream().filter(group -> group.at() == arrow).count();
    }

    /**
     * The flow as it stands.
     *
     * @param active whether the run samples and trains now, so that a stage can starve
     * @param spanMs over which the rates of a run that has ended are taken; 0 while it goes on
     */
    RunFlow at(long nowMs, boolean active, long spanMs) {
        int[] waiting = new int[RunFlow.ARROWS.size()];
        long[] oldest = new long[waiting.length];
        for (Open group : open.values()) {
            int at = group.at();
            waiting[at]++;
            oldest[at] = Math.max(oldest[at], nowMs - group.sinceMs);
        }
        int starving = active ? RunFlow.starving(waiting) : -1;
        List<Arrow> arrows = new ArrayList<>();
        for (int i = 0; i < waiting.length; i++) {
            RateWindow rate = rates.get(i);
            arrows.add(new Arrow(
                    RunFlow.ARROWS.get(i),
                    rate.total(),
                    spanMs > 0 ? rate.total() * 1000.0 / spanMs : rate.perSecond(nowMs),
                    waiting[i],
                    waiting[i] == 0 ? null : Math.max(0, oldest[i])));
        }
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < RunFlow.STAGES.size(); i++) {
            stages.add(new Stage(RunFlow.STAGES.get(i), i == starving, starving >= 0 && i == RunFlow.busiest(waiting)));
        }
        return new RunFlow(stages, arrows);
    }
}
