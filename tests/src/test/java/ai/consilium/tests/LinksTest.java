package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link of the pages leads somewhere, and a link to a class or a method says what is there. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\[([^]]+)]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*[a-z](?:Test|IT|Properties))`");
    private static final Pattern MEMBER = Pattern.compile("([A-Z]\\w*)(?:\\.([a-z]\\w*))?");

    @Test
    void givenTheLinksOfAllPagesWhenFollowedThenTheyLeadToWhatTheyName() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                if (!link.group(2).contains("://")) {
                    check(page, link.group(1), link.group(2), broken);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void givenATestThatAPageNamesWhenLookedUpThenItExists() throws IOException {
        Set<String> tests = Sources.in("src/test").stream()
                .map(source -> String.valueOf(source.getFileName()).replace(".java", ""))
                .collect(Collectors.toSet());
        List<String> unknown = new ArrayList<>();
        for (Path page : pages()) {
            TEST.matcher(Files.readString(page))
                    .results()
                    .map(match -> match.group(1))
                    .filter(name -> !tests.contains(name))
                    .forEach(name -> unknown.add(page + ": " + name));
        }
        assertThat(unknown).isEmpty();
    }

    private static void check(Path page, String label, String target, List<String> broken) throws IOException {
        Path file = page.resolveSibling(target).normalize();
        if (!Files.exists(file)) {
            broken.add(page + ": " + target + " does not exist");
            return;
        }
        Matcher member = MEMBER.matcher(label);
        if (!target.endsWith(".java") || !member.matches()) {
            return;
        }
        String type = String.valueOf(file.getFileName()).replace(".java", "");
        if (!member.group(1).equals(type)) {
            broken.add(page + ": " + label + " leads to " + type);
        } else if (member.group(2) != null
                && !Pattern.compile("^    (?! )[^=*;]*\\b" + member.group(2) + "\\(", Pattern.MULTILINE)
                        .matcher(Files.readString(file))
                        .find()) {
            broken.add(page + ": " + type + " has no " + member.group(2));
        }
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        try (Stream<Path> root = Files.list(Sources.ROOT)) {
            root.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        try (Stream<Path> docs = Files.walk(Sources.ROOT.resolve("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        return pages;
    }
}
