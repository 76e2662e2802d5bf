package ai.consilium.cli.build;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.SortedMap;

/**
 * What a built directory is and where it comes from, after Gebru et al., "Datasheets for Datasets" (1803.09010): the facts of
 * it that a program knows. The same build gives the same sheet.
 *
 * @param madeWith version of this program
 * @param from the source as it was named
 * @param complete whether every trace was tried
 * @param open how many were not
 * @param files what was written
 * @param sources where the cases came from
 * @param traces number kept, by specialty and perspective
 * @param had number that the source had already, by perspective
 * @param without number of cases for which none was kept, by perspective
 * @param unscored number kept on answer and form alone, since the case gives the guideline nothing to go by
 * @param refusals number of answers that were refused, by reason
 * @param teacher who wrote
 * @param prompts what was asked
 * @param rubrics guideline by perspective
 * @param selection what was kept, and how it was drawn
 * @param usage what was spent on all answers, those of earlier starts included
 * @param imagesSha256 of all pictures and their names
 * @param sha256 of this sheet without this field
 */
public record Datasheet(
        String madeWith,
        String from,
        boolean complete,
        int open,
        List<File> files,
        List<Source> sources,
        SortedMap<String, SortedMap<String, Integer>> traces,
        SortedMap<String, Integer> had,
        SortedMap<String, Integer> without,
        int unscored,
        SortedMap<String, Integer> refusals,
        Author teacher,
        Prompts prompts,
        SortedMap<String, Guideline> rubrics,
        Selection selection,
        Usage usage,
        String imagesSha256,
        String sha256) {
    /** @param cases in it */
    public record File(String name, int cases, String sha256) {}

    /** @param licence as it was given, or as the publisher of a set that can be imported states it; else unknown */
    public record Source(String name, int cases, String licence) {}

    /** @param answeredAs what the server called itself */
    public record Author(String model, String url, List<String> answeredAs) {}

    /** @param instructions by perspective */
    public record Prompts(String layout, String sha256, String system, SortedMap<String, String> instructions) {}

    /** @param sha256 of its content */
    public record Guideline(String name, String sha256) {}

    /** As {@link BuildSettings} says. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Selection(
            double minScore,
            int tries,
            double temperature,
            double temperatureStep,
            int seed,
            int replyTokens,
            SortedMap<String, JsonNode> extra) {}

    /** @param answers that came, whatever became of them */
    public record Usage(int answers, long promptTokens, long completionTokens) {}

    Datasheet hashed(String hash) {
        return new Datasheet(
                madeWith,
                from,
                complete,
                open,
                files,
                sources,
                traces,
                had,
                without,
                unscored,
                refusals,
                teacher,
                prompts,
                rubrics,
                selection,
                usage,
                imagesSha256,
                hash);
    }

    /** All that were kept. */
    public int kept() {
        return traces.values().stream()
                .flatMap(counts -> counts.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }
}
