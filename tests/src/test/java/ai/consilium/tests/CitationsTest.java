package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Where a source comment cites a page of docs by section, the page has that section. */
class CitationsTest {
    private static final Pattern CITATION = Pattern.compile("docs/(algorithms|design)\\.md, ([^;:.()]+)");
    private static final Pattern HEADING = Pattern.compile("(?m)^##(?: \\d+\\.|#) (.+)$");

    @Test
    void givenACitationInASourceWhenLookedUpThenThePageHasTheSection() throws IOException {
        int citations = 0;
        List<String> unknown = new ArrayList<>();
        for (Path source : Sources.in("src")) {
            if (source.endsWith("CitationsTest.java")) {
                continue;
            }
            // A citation may continue on the next line of its comment.
            String text = Files.readString(source).replaceAll("\\s*\\n\\s*\\*\\s*", " ");
            Matcher citation = CITATION.matcher(text);
            while (citation.find()) {
                citations++;
                String section = citation.group(2).strip();
                if (sections(citation.group(1)).stream().noneMatch(section::startsWith)) {
                    unknown.add(source + ": " + citation.group());
                }
            }
        }
        assertThat(unknown).isEmpty();
        assertThat(citations).isGreaterThan(10);
    }

    /** Titles without what stands in parentheses behind them. */
    private static List<String> sections(String page) throws IOException {
        Matcher heading =
                HEADING.matcher(Files.readString(Sources.ROOT.resolve("docs").resolve(page + ".md")));
        return heading.results()
                .map(match -> match.group(1).replaceAll(" \\(.*", ""))
                .toList();
    }
}
