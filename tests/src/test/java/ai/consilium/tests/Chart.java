package ai.consilium.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The Helm chart, as files and as Helm renders it. */
final class Chart {
    static final Path DIRECTORY = Path.of("..", "kubernetes", "consilium");
    static final Path VALUES = DIRECTORY.resolve("values.yaml");

    private Chart() {}

    static Map<String, Object> values() throws IOException {
        return Yaml.mapping(Files.readString(VALUES));
    }

    static String file(String name) throws IOException {
        return Files.readString(DIRECTORY.resolve(name));
    }

    /** What Helm makes of it. @param options as of {@code helm template} */
    static OtherProgram.Result render(String... options) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "helm", "template", "trial", DIRECTORY.toString(), "--namespace", "here", "--kube-version", "1.31.0"));
        command.addAll(List.of(options));
        return OtherProgram.run(command.toArray(String[]::new));
    }

    /** The documents of a file of several. */
    static List<Map<String, Object>> documents(String text) {
        return Arrays.stream(text.split("(?m)^---.*$"))
                .map(Yaml::mapping)
                .filter(document -> !document.isEmpty())
                .toList();
    }
}
