package ai.consilium.reward.rubric;

import ai.consilium.random.RandomStreams;
import ai.consilium.reward.scorer.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Leaves criteria of a rubric out at random, so that no single one is worth gaming. All samples of a group are scored by the
 * same criteria, and a replay by the same again: what is drawn depends on the group's seed and the scorer alone.
 *
 * @param rate probability of each criterion to be left out
 */
public record RubricDropout(double rate) {
    private static final String STREAM = "rubric-dropout/";

    /** Checks the rate. */
    public RubricDropout {
        requireRate(rate);
    }

    /** @throws IllegalArgumentException naming the key, when nothing or everything would be left out */
    public static void requireRate(double rate) {
        if (!(rate > 0 && rate < 1)) {
            throw new IllegalArgumentException("rubric_dropout: must be above 0 and below 1, not " + rate);
        }
    }

    /**
     * What is left.
     *
     * @param note which criteria were left out, for people
     */
    public record Thinned(Rubric rubric, String note) {
        /** What the rubric that is left says, with the note. */
        public Verdict noted(Verdict verdict) {
            if (verdict instanceof Verdict.Scored scored) {
                List<String> evidence = new ArrayList<>(scored.evidence());
                evidence.add(note);
                return new Verdict.Scored(scored.value(), evidence);
            }
            return new Verdict.Unscored(((Verdict.Unscored) verdict).reason() + " (" + note + ")");
        }
    }

    /**
     * Thins a rubric. At least one criterion with a positive weight stays: the one that was nearest to staying.
     *
     * @param version of the scorer
     */
    public Thinned of(Rubric rubric, long groupSeed, String version) {
        Random random = RandomStreams.of(groupSeed, STREAM + version);
        List<Criterion> all = rubric.criteria();
        double[] draws = random.doubles(all.size()).toArray();
        int saved = -1;
        boolean positive = false;
        for (int i = 0; i < draws.length; i++) {
            if (all.get(i).weight() > 0) {
                positive |= draws[i] >= rate;
                saved = saved < 0 || draws[i] > draws[saved] ? i : saved;
            }
        }
        List<Criterion> kept = new ArrayList<>();
        List<String> out = new ArrayList<>();
        for (int i = 0; i < draws.length; i++) {
            if (draws[i] >= rate || (!positive && i == saved)) {
                kept.add(all.get(i));
            } else {
                out.add(Integer.toString(i + 1));
            }
        }
        String note = "left out at random: " + (out.isEmpty() ? "none" : "criteria " + String.join(", ", out)) + " of "
                + draws.length;
        return new Thinned(new Rubric(rubric.name(), rubric.perspective(), rubric.reads(), rubric.terms(), kept), note);
    }
}
