package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** One way to name tests. */
class TestNamesTest {
    private static final Pattern TEST = Pattern.compile("\\s+@(Test|ParameterizedTest|RepeatedTest|Property)\\b.*");
    private static final Pattern METHOD = Pattern.compile("\\s+(?:(?:public|static) )?void (\\w+)\\(.*");

    @Test
    void givenEveryTestMethodThenItsNameTellsWhatIsGivenAndWhatFollows() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path source : Sources.in("src/test")) {
            boolean marked = false;
            for (String line : Files.readAllLines(source)) {
                marked |= TEST.matcher(line).matches();
                var method = METHOD.matcher(line);
                if (marked && method.matches()) {
                    names.add(name(source) + "." + method.group(1));
                    marked = false;
                }
            }
        }

        assertThat(names)
                .hasSizeGreaterThan(400)
                .allMatch(name -> name.matches("\\w+\\.given[A-Za-z0-9]+Then[A-Za-z0-9]+"));
    }

    @Test
    void givenEveryTestClassThenItIsNotNamedLikeAClassOfTheProduct() throws IOException {
        Set<String> product =
                Sources.in("src/main").stream().map(TestNamesTest::name).collect(Collectors.toCollection(HashSet::new));
        product.remove("package-info");

        assertThat(Sources.in("src/test").stream().map(TestNamesTest::name)).doesNotContainAnyElementsOf(product);
    }

    private static String name(Path source) {
        return Objects.requireNonNull(source.getFileName()).toString().replace(".java", "");
    }
}
