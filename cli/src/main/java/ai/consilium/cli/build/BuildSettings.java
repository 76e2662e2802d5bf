package ai.consilium.cli.build;

import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.reward.rubric.Rubric;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How traces are asked for, and which are kept.
 *
 * @param teacher whom
 * @param layout how a case is put, and in which form its answer is
 * @param perspectives which reasoning is asked for, in order
 * @param rubrics guideline by perspective; one without is not scored
 * @param minScore the least score that is kept
 * @param tries of a trace, at least 1
 * @param sampling how answers are drawn
 * @param concurrency requests under way at once
 * @param images how pictures are read
 */
public record BuildSettings(
        Teacher teacher,
        PromptLayout layout,
        List<String> perspectives,
        SortedMap<String, Rubric> rubrics,
        double minScore,
        int tries,
        Sampling sampling,
        int concurrency,
        ImageSettings images) {
    /** Added to the temperature with each try: a teacher that is sure of something wrong says it again otherwise. */
    static final double TEMPERATURE_STEP = 0.1;

    /**
     * A model behind OpenAI's chat protocol.
     *
     * @param url where it answers, for people: without key and query
     */
    public record Teacher(String model, String url) {}

    /**
     * How answers are drawn.
     *
     * @param temperature of the first try
     * @param seed of the first try; it grows by one with each
     * @param replyTokens that an answer may have
     * @param extra fields of the request for this server; null takes one away
     */
    public record Sampling(double temperature, int seed, int replyTokens, SortedMap<String, JsonNode> extra) {
        public Sampling {
            extra = Collections.unmodifiableSortedMap(new TreeMap<>(extra));
        }

        /** Of a try, from 0. */
        double temperatureOf(int attempt) {
            return Math.round((temperature + attempt * TEMPERATURE_STEP) * 1000) / 1000.0;
        }
    }

    /** Keeps copies. */
    public BuildSettings {
        perspectives = List.copyOf(perspectives);
        rubrics = Collections.unmodifiableSortedMap(new TreeMap<>(rubrics));
    }
}
