package ai.consilium.tests;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The picture of modules and packages in ARCHITECTURE.md is drawn from the class files. */
class ModulePictureTest {
    private static final Path PAGE = Sources.ROOT.resolve("ARCHITECTURE.md");
    private static final String WRITE = "consilium.docs.write";
    private static final String BEGIN = "<!-- drawn from the code by ModulePictureTest: begin -->\n";
    private static final String END = "<!-- drawn from the code by ModulePictureTest: end -->\n";
    private static final String ROOT_PACKAGE = "ai.consilium.";

    /** A class file's module: the folder that its target lies in, or its jar. */
    private static final Pattern MODULE =
            Pattern.compile("/([a-z-]+?)/target/(?:classes/|\\1(?:-[0-9][^/]*)?\\.jar!/)ai/consilium/");

    private static final Pattern DESCRIPTION = Pattern.compile("/\\*\\*[\\s*]*(.*?)\\s*\\*/", Pattern.DOTALL);

    /** From name to the names that it depends on; sorted, so that the page is the same on every machine. */
    private final SortedMap<String, SortedSet<String>> modules = new TreeMap<>();

    private final SortedMap<String, SortedMap<String, SortedSet<String>>> packages = new TreeMap<>();

    @Test
    void givenTheClassFilesWhenDrawnThenThePictureInThePageIsTheSame() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END);
        collect(new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("ai.consilium"));

        String drawn = page.substring(0, from) + picture() + page.substring(to);

        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(PAGE, drawn);
        }
        assertThat(PAGE)
                .as("the picture of ARCHITECTURE.md is drawn from the code; to draw it again: "
                        + "mvn -q -Dquick -pl tests -am test -Dtest=ModulePictureTest "
                        + "-Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true")
                .hasContent(drawn);
    }

    private void collect(JavaClasses classes) {
        for (JavaClass type : classes) {
            String module = module(type);
            modules.computeIfAbsent(module, m -> new TreeSet<>());
            SortedMap<String, SortedSet<String>> own = packages.computeIfAbsent(module, m -> new TreeMap<>());
            SortedSet<String> uses = own.computeIfAbsent(type.getPackageName(), p -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (!target.getPackageName().startsWith("ai.consilium")) {
                    continue;
                }
                if (!module(target).equals(module)) {
                    modules.get(module).add(module(target));
                } else if (!target.getPackageName().equals(type.getPackageName())) {
                    uses.add(target.getPackageName());
                }
            }
        }
    }

    private static String module(JavaClass type) {
        String place = type.getSource().orElseThrow().getUri().toString();
        Matcher matcher = MODULE.matcher(place);
        assertThat(matcher.find()).as(place).isTrue();
        return matcher.group(1);
    }

    private String picture() throws IOException {
        StringBuilder out = new StringBuilder("```mermaid\ngraph TD\n");
        reduced(modules)
                .forEach((from, to) -> to.forEach(target -> out.append("  %s --> %s\n".formatted(from, target))));
        out.append("```\n\nAn arrow reads \"uses\"; what follows from other arrows is left out.\n\n");
        out.append("| module | package | |\n|---|---|---|\n");
        for (String module : packages.keySet()) {
            String shown = module;
            for (String name : packages.get(module).keySet()) {
                out.append("| %s | `%s` | %s |\n".formatted(shown, shorten(name), description(module, name)));
                shown = "";
            }
        }
        out.append("\nInside the modules of several packages:\n");
        for (Map.Entry<String, SortedMap<String, SortedSet<String>>> module : packages.entrySet()) {
            SortedMap<String, SortedSet<String>> uses = reduced(module.getValue());
            if (uses.values().stream().anyMatch(targets -> !targets.isEmpty())) {
                out.append("- *").append(module.getKey()).append("*: ");
                out.append(uses.entrySet().stream()
                        .filter(entry -> !entry.getValue().isEmpty())
                        .map(entry -> "`%s` → %s"
                                .formatted(
                                        shorten(entry.getKey()),
                                        entry.getValue().stream()
                                                .map(target -> "`" + shorten(target) + "`")
                                                .collect(joining(", "))))
                        .collect(joining("; ")));
                out.append("\n");
            }
        }
        return out.toString();
    }

    private static String shorten(String packageName) {
        return packageName.substring(ROOT_PACKAGE.length());
    }

    /** The first sentence of package-info. */
    private static String description(String module, String name) throws IOException {
        Path info = Sources.ROOT
                .resolve(module)
                .resolve("src/main/java")
                .resolve(name.replace('.', '/'))
                .resolve("package-info.java");
        if (!Files.exists(info)) {
            return "";
        }
        Matcher matcher = DESCRIPTION.matcher(Files.readString(info));
        assertThat(matcher.find()).as(info + " says why the package exists").isTrue();
        return matcher.group(1)
                .replaceAll("\\s*\\n \\*\\s*", " ")
                .replaceAll("\\{@(?:code|link) ([^}]*)}", "$1")
                .replaceAll("(?<=\\.) .*", "");
    }

    /** Without the arrows that follow from others. The graph has no circles: ArchitectureTest. */
    private static SortedMap<String, SortedSet<String>> reduced(SortedMap<String, SortedSet<String>> graph) {
        SortedMap<String, SortedSet<String>> out = new TreeMap<>();
        graph.forEach((from, targets) -> {
            SortedSet<String> kept = new TreeSet<>(targets);
            targets.forEach(via -> kept.removeAll(reachable(graph, via)));
            out.put(from, kept);
        });
        return out;
    }

    private static Set<String> reachable(SortedMap<String, SortedSet<String>> graph, String from) {
        Set<String> reached = new TreeSet<>();
        for (String target : graph.getOrDefault(from, new TreeSet<>())) {
            reached.add(target);
            reached.addAll(reachable(graph, target));
        }
        return reached;
    }
}
