package ai.consilium.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive, unpacked below a directory with a space in its name; its launcher finds a Java runtime and three tools. */
class DistributionIT {
    private static final String VERSION = System.getProperty("distribution.version");
    private static final Path ARCHIVE = Path.of(System.getProperty("distribution.archive"));
    private static final Path CLASS_PATH = Path.of("..", "benchmarks", "target", "classpath.txt");

    @TempDir
    private static Path scratch;

    private static Path home;
    private static Path tools;

    private record Ended(int code, String out, String err) {}

    @BeforeAll
    static void unpack() throws Exception {
        Path place = Files.createDirectory(scratch.resolve("with a space"));
        Ended tar = run(Map.of(), "tar", "-xzf", ARCHIVE.toString(), "-C", place.toString());
        if (tar.code() != 0) {
            throw new IllegalStateException("tar: " + tar.err());
        }
        home = place.resolve("consilium-" + VERSION);
        tools = Files.createDirectory(scratch.resolve("bin"));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Files.createSymbolicLink(tools.resolve("java"), java);
        for (String tool : List.of("bash", "env", "dirname", "readlink")) {
            Path found = Stream.of("/usr/bin", "/bin")
                    .map(directory -> Path.of(directory, tool))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow();
            Files.createSymbolicLink(tools.resolve(tool), found);
        }
    }

    /** JUnit warns of every link that it finds when it clears the directory. */
    @AfterAll
    static void removeLinks() throws IOException {
        try (Stream<Path> links = Files.list(tools)) {
            for (Path link : links.toList()) {
                Files.delete(link);
            }
        }
    }

    @Test
    void givenTheArchiveWhenUnpackedThenItHoldsWhatItNeeds() {
        assertThat(home.resolve("consilium")).isExecutable();
        assertThat(Stream.of(
                                "README.md",
                                "CHANGELOG.md",
                                "LICENSE",
                                "NOTICE",
                                "licenses/THIRD-PARTY.txt",
                                "docs/README.md",
                                "models/tiny/model.safetensors")
                        .map(home::resolve))
                .allMatch(Files::isRegularFile);
    }

    @Test
    void givenTheArchiveWhenItsJarsAreListedThenTheyAreTheCommandLinesClassPath() throws IOException {
        Set<String> expected = Arrays.stream(
                        Files.readString(CLASS_PATH).strip().split(":"))
                .map(Path::of)
                .filter(jar -> !jar.toString().contains("/target/"))
                .map(jar -> jar.getFileName().toString())
                .collect(Collectors.toSet());
        assertThat(expected).isNotEmpty();
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()).filter(name -> !name.startsWith("consilium-")))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void givenJavaOnlyWhenAskedForTheVersionThenItIsTheArchives() throws Exception {
        Ended ended = consilium("--version");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).startsWith("consilium " + VERSION + " (commit ");
    }

    @Test
    void givenJavaOnlyWhenTheConfigurationIsShownThenEveryDefaultIsThere() throws Exception {
        Ended ended = consilium("config", "show");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains("model: ").contains("steps: ");
    }

    @Test
    void givenALinkToTheLauncherWhenStartedThenItFindsTheArchive() throws Exception {
        Path link = Files.createSymbolicLink(tools.resolve("consilium"), home.resolve("consilium"));
        Ended ended = run(Map.of("PATH", tools.toString()), link.toString(), "train", "--help");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains("--resume");
    }

    @Test
    void givenTheImagesFileWhenReadThenWhatItCopiesAndStartsIsThere() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", "docker", "Dockerfile"));
        String[] add = words(lines, "ADD ");
        assertThat(Path.of("..").resolve(add[1]))
                .isRegularFile()
                .satisfies(archive ->
                        assertThat(Files.isSameFile(archive, ARCHIVE)).isTrue());
        String[] copy = words(lines, "COPY ");
        assertThat(copy[2]).isEqualTo(add[2] + home.getFileName());
        String entry = words(lines, "ENTRYPOINT ")[1].replaceAll("[\\[\\]\"]", "");
        assertThat(home.resolve(Path.of(copy[3]).relativize(Path.of(entry)))).isExecutable();
    }

    private static String[] words(List<String> lines, String instruction) {
        return lines.stream()
                .filter(line -> line.startsWith(instruction))
                .findFirst()
                .orElseThrow()
                .split(" ", -1);
    }

    private static Ended consilium(String... arguments) throws Exception {
        String[] command = Stream.concat(Stream.of(home.resolve("consilium").toString()), Stream.of(arguments))
                .toArray(String[]::new);
        return run(Map.of("PATH", tools.toString()), command);
    }

    /** Runs a command in the scratch directory, with the test's environment unless one is given. */
    private static Ended run(Map<String, String> environment, String... command) throws Exception {
        Path out = Files.createTempFile(scratch, "out", ".txt");
        Path err = Files.createTempFile(scratch, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(scratch.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        if (!environment.isEmpty()) {
            builder.environment().clear();
            builder.environment().putAll(environment);
        }
        Process process = builder.start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as("%s has ended", String.join(" ", command))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
