package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium cases build}, with a server that plays the teacher. */
class CasesBuildTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "sk-secret-0815";

    /** Of the case that {@link #caseOf} makes: everything that its guideline asks for. */
    private static final String GOOD =
            "The urea is high. The blood pressure is low. The score is 2. These findings point to the ward.";

    @TempDir
    Path dir;

    private Path source;
    private Path out;

    @BeforeEach
    void nameDirectories() throws IOException {
        source = Files.createDirectory(dir.resolve("source"));
        out = dir.resolve("out");
    }

    static String caseOf(String id, boolean evidence) {
        return "{\"id\":\"" + id + "\",\"specialty\":\"adult_medicine\",\"modality\":\"text\",\"images\":[],"
                + "\"question\":\"Where should patient " + id + " be treated?\","
                + "\"options\":{\"A\":\"home care\",\"B\":\"ward\",\"C\":\"intensive care\"},\"label\":\"B\","
                + "\"context\":{\"urea\":\"10 mmol/l\"},"
                + (evidence
                        ? "\"evidence\":{\"findings\":["
                                + "{\"name\":\"urea\",\"value\":\"high\",\"from\":\"text\",\"abnormal\":true},"
                                + "{\"name\":\"pressure\",\"value\":\"low\",\"from\":\"text\",\"abnormal\":true}],"
                                + "\"rule\":\"CURB-65\",\"score\":\"2\",\"candidates\":[\"ward\",\"intensive care\"]},"
                        : "")
                + "\"note\":\"kept\",\"source\":\"pubmedqa\"}";
    }

    private void write(String... lines) throws IOException {
        Files.write(source.resolve("train.jsonl"), List.of(lines));
    }

    static String completion(String thought, String letter) {
        return "<think>" + thought + "</think>\n<answer>" + letter + "</answer>";
    }

    private CommandLineRun build(TeacherServer teacher, String... more) {
        return build(Map.of(), teacher.url(), more);
    }

    private CommandLineRun build(Map<String, String> environment, String url, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("cases", "build", source.toString(), out.toString(), "--url", url, "--model", "teacher"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(environment, arguments.toArray(String[]::new));
    }

    private Map<String, Map<String, String>> traces() {
        return CaseFile.read(out.resolve("train.jsonl")).cases().stream()
                .collect(Collectors.toMap(Case::id, Case::traces));
    }

    private JsonNode sheet() throws IOException {
        return JSON.readTree(Files.readString(out.resolve("datasheet.json")));
    }

    /** Results of the attempts at a case's trace. */
    private List<String> results(String id) throws IOException {
        try (Stream<String> lines = Files.lines(out.resolve("traces.jsonl"))) {
            for (String line : lines.toList()) {
                JsonNode outcome = JSON.readTree(line);
                if (outcome.path("id").asText().equals(id)) {
                    return outcome.path("attempts").findValuesAsText("result");
                }
            }
        }
        return List.of();
    }

    private static void say(TeacherServer.Question question, TeacherServer.Reply reply)
            throws IOException, InterruptedException {
        String id = question.words().replaceAll("(?s).*Where should patient (\\w+) be.*", "$1");
        boolean first = question.before() == 0;
        int attempt = question.attempt();
        switch (id) {
            case "wrong" -> reply.say(completion(GOOD, attempt == 0 ? "C" : "**B**"), "stop");
            case "stubborn" -> reply.say(completion(GOOD, "A. home care"), "stop");
            case "malformed" ->
                reply.say(attempt == 0 ? "ward" : attempt == 1 ? "<answer>B</answer>" : completion(GOOD, "B"), "stop");
            case "undecided" -> reply.say(completion(GOOD, "A or B"), "stop");
            case "poor" -> reply.say(completion("I think ward.", "B"), "stop");
            case "cut" -> reply.say("<think>" + GOOD, "length");
            case "limited" -> {
                if (first) {
                    reply.send(429, "{\"error\":{\"message\":\"slow down\"}}", Map.of("Retry-After", "0"));
                } else {
                    reply.say(completion(GOOD, "B"), "stop");
                }
            }
            case "broken" -> {
                if (first) {
                    reply.send(500, "oops", Map.of());
                } else {
                    reply.say(completion(GOOD, "B"), "stop");
                }
            }
            case "slow" -> {
                if (first) {
                    reply.hang();
                } else {
                    reply.say(completion(GOOD, "B"), "stop");
                }
            }
            case "huge" -> reply.say("x".repeat(17 << 20), "stop");
            default -> reply.say(completion(GOOD, "B"), "stop");
        }
    }

    @Test
    void givenATeacherOfEveryKindWhenBuiltThenOnlyWhatIsRightIsKeptAndEveryRefusalIsNamed() throws Exception {
        List<String> ids = List.of(
                "right",
                "wrong",
                "stubborn",
                "malformed",
                "undecided",
                "poor",
                "cut",
                "limited",
                "broken",
                "slow",
                "huge");
        write(ids.stream().map(id -> caseOf(id, true)).toArray(String[]::new));
        Files.writeString(source.resolve("test.jsonl"), caseOf("held", true) + "\n");
        try (TeacherServer teacher = new TeacherServer(CasesBuildTest::say)) {
            CommandLineRun run = build(teacher, "--perspectives", "analytical", "--timeout", "2");

            assertThat(run.code()).as(run.errors().toString()).isZero();
            assertThat(traces().entrySet().stream()
                            .filter(entry -> !entry.getValue().isEmpty())
                            .map(Map.Entry::getKey))
                    .containsExactlyInAnyOrder("right", "wrong", "malformed", "limited", "broken", "slow");
            assertThat(traces().get("wrong")).isEqualTo(Map.of("analytical", GOOD));
            assertThat(results("wrong")).containsExactly("wrong", "kept");
            assertThat(results("stubborn")).containsExactly("wrong", "wrong", "wrong");
            assertThat(results("malformed")).containsExactly("form", "form", "kept");
            assertThat(results("undecided")).containsExactly("no_option", "no_option", "no_option");
            assertThat(results("poor")).containsExactly("guideline", "guideline", "guideline");
            assertThat(results("cut")).containsExactly("cut", "cut", "cut");
            assertThat(results("huge")).containsExactly("no_reply");
            JsonNode sheet = sheet();
            assertThat(sheet.path("traces")).hasToString("{\"adult_medicine\":{\"analytical\":6}}");
            assertThat(sheet.path("without").path("analytical").asInt()).isEqualTo(5);
            assertThat(sheet.path("refusals").path("wrong").asInt()).isEqualTo(4);
            assertThat(sheet.path("unscored").asInt()).isZero();
            assertThat(sheet.at("/sources/0/licence").asText()).isEqualTo("MIT");
            assertThat(sheet.at("/teacher/answered_as/0").asText()).isEqualTo("teacher-of-tests");
            assertThat(Files.readString(out.resolve("DATASHEET.md")))
                    .contains("| adult_medicine | 6 |", "| *none kept* | 5 |", "Reason step by step.");
            assertThat(Files.readString(out.resolve("test.jsonl"))).isEqualTo(caseOf("held", true) + "\n");
            assertThat(Files.readString(out.resolve("train.jsonl"))).contains("\"note\":\"kept\"");
            assertThat(teacher.asked()).noneMatch(question -> question.words().contains("held"));
        }
    }

    @Test
    void givenABuiltDirectoryWhenBuiltAgainThenNothingIsAskedAndEveryFileIsTheSame() throws Exception {
        write(caseOf("right", true), caseOf("wrong", true), caseOf("poor", false));
        try (TeacherServer teacher = new TeacherServer(CasesBuildTest::say)) {
            assertThat(build(teacher, "--perspectives", "analytical,bayesian").code())
                    .isZero();
            int asked = teacher.asked().size();
            Map<String, String> files = contents();

            CommandLineRun again = build(teacher, "--perspectives", "analytical,bayesian");

            assertThat(again.code()).isZero();
            assertThat(again.errors()).contains("asked: 0 requests, 0 tokens");
            assertThat(teacher.asked()).hasSize(asked);
            assertThat(contents()).isEqualTo(files);
            assertThat(sheet().path("unscored").asInt()).isEqualTo(2);
            assertThat(sheet().at("/usage/prompt_tokens").asInt()).isEqualTo(100 * asked);
        }
    }

    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new java.util.TreeMap<>();
        for (String name : List.of("train.jsonl", "datasheet.json", "DATASHEET.md")) {
            contents.put(name, Files.readString(out.resolve(name)));
        }
        return contents;
    }

    @Test
    void givenASpentBudgetWhenBuiltAgainThenItGoesOnAndNothingIsAskedTwice() throws Exception {
        write(caseOf("one", true), caseOf("two", true), caseOf("three", true));
        try (TeacherServer teacher = new TeacherServer(CasesBuildTest::say)) {
            CommandLineRun first =
                    build(teacher, "--perspectives", "intuitive", "--max-requests", "2", "--concurrency", "1");

            assertThat(first.code()).isOne();
            assertThat(first.errors())
                    .anyMatch(line -> line.contains("the budget of 2 requests is spent; 1 traces are open"));
            assertThat(sheet().path("complete").asBoolean()).isFalse();
            assertThat(traces().values()).filteredOn(Map::isEmpty).hasSize(1);

            CommandLineRun tokens = build(teacher, "--perspectives", "intuitive", "--max-tokens", "1000");
            assertThat(tokens.code()).isOne();
            assertThat(tokens.errors())
                    .anyMatch(line -> line.contains(
                            "of the budget of 1000 tokens 0 are spent, and the next answer may take 2048"));

            assertThat(build(teacher, "--perspectives", "intuitive").code()).isZero();
            assertThat(teacher.asked()).hasSize(3);
            assertThat(traces().values()).noneMatch(Map::isEmpty);
        }
    }

    @Test
    void givenPicturesAndFourPerspectivesWhenBuiltThenTheTeacherSeesWhatThePolicySeesAndTheResultIsClean()
            throws Exception {
        Clinic.write(source, new ClinicSettings(1, 0.3, 1, 1, 1));
        List<String> bare = new ArrayList<>();
        for (String line : Files.readAllLines(source.resolve("train.jsonl"))) {
            ObjectNode of = (ObjectNode) JSON.readTree(line);
            of.remove(List.of("traces", "evidence"));
            bare.add(of.toString());
        }
        write(bare.toArray(String[]::new));
        List<Case> cases = CaseFile.read(source.resolve("train.jsonl")).cases();
        try (TeacherServer teacher = new TeacherServer((question, reply) -> {
            Case of = cases.stream()
                    .filter(each -> question.words()
                                    .contains(each.context().values().stream()
                                            .findFirst()
                                            .orElse(each.question()))
                            && question.words().contains(each.question()))
                    .findFirst()
                    .orElseThrow();
            reply.say(completion("It is seen.", of.label()), "stop");
        })) {
            CommandLineRun run = build(teacher);

            assertThat(run.code()).isZero();
            assertThat(traces().values())
                    .allMatch(traces -> traces.keySet()
                            .containsAll(List.of("differential", "intuitive", "analytical", "bayesian")));
            JsonNode shown = teacher.asked().get(0).body().at("/messages/1/content/0/image_url/url");
            byte[] picture = Base64.getDecoder().decode(shown.asText().substring("data:image/png;base64,".length()));
            assertThat(cases.stream().flatMap(of -> of.images().stream()))
                    .anyMatch(image -> Arrays.equals(picture, bytes(source.resolve(image))));
            assertThat(teacher.asked())
                    .anyMatch(question -> question.words().endsWith("likely after all of them."))
                    .allMatch(question ->
                            question.body().at("/messages/0/content").asText().startsWith("You are an experienced"));
            CommandLineRun check = CommandLineRun.of(
                    "cases", "check", out.toString(), "--set", "model=" + Sources.ROOT.resolve("models/tiny"));
            assertThat(check.code()).as(check.output().toString()).isZero();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void givenAWrongKeyWhenBuiltThenTheServersWordsAreShownAndTheKeyIsNowhere() throws Exception {
        write(caseOf("one", true), caseOf("two", true));
        try (TeacherServer teacher = new TeacherServer((question, reply) ->
                reply.send(401, "{\"error\":{\"message\":\"Incorrect API key provided: " + KEY + "\"}}", Map.of()))) {
            CommandLineRun run = build(Map.of("TEACHER_KEY", KEY), teacher.url(), "--api-key-env", "TEACHER_KEY");

            assertThat(run.code()).isEqualTo(2);
            assertThat(run.errors())
                    .contains(
                            "consilium: " + teacher.url() + "/chat/completions: status 401: Incorrect API key provided:"
                                    + " ***; check --url, --model and --api-key-env");
            assertThat(teacher.asked())
                    .isNotEmpty()
                    .allMatch(question -> question.key().equals("Bearer " + KEY));
            assertThat(String.join("\n", run.errors())).doesNotContain(KEY);
            try (Stream<Path> files = Files.walk(out)) {
                assertThat(files.filter(Files::isRegularFile))
                        .allMatch(file ->
                                !new String(bytes(file), java.nio.charset.StandardCharsets.ISO_8859_1).contains(KEY));
            }
        }
    }

    @Test
    void givenWrongOptionsWhenBuiltThenEachIsNamedInOneLine() throws Exception {
        write(caseOf("one", true));
        String url = "http://127.0.0.1:9/v1";
        assertThat(build(Map.of(), "ftp://host/v1").errors())
                .containsExactly("consilium: --url: must be http://HOST/... or https://HOST/..., not 'ftp://host/v1'");
        assertThat(build(Map.of(), "http://me:pw@host/v1").errors())
                .containsExactly("consilium: --url: must not contain credentials; use --api-key-env");
        assertThat(build(Map.of(), url, "--api-key-env", "NO_SUCH").errors())
                .containsExactly("consilium: --api-key-env: environment variable NO_SUCH is not set");
        assertThat(build(Map.of("BAD", "a\nb"), url, "--api-key-env", "BAD").errors())
                .containsExactly(
                        "consilium: --api-key-env: environment variable BAD holds a space, a line end or another"
                                + " character that no key has");
        assertThat(build(Map.of(), url, "--perspectives", "wise").errors())
                .singleElement()
                .asString()
                .startsWith("consilium: --perspectives: 'wise' is not one of differential");
        assertThat(build(Map.of(), url, "--tries", "0").errors())
                .containsExactly("consilium: --tries: must be between 1 and 100, not 0");
        assertThat(build(Map.of(), url, "--extra", "[1]").errors())
                .containsExactly("consilium: --extra: must be a JSON object, for example {\"stop\": \"END\"}");
        assertThat(build(Map.of(), url, "--min-score", "2").errors())
                .containsExactly("consilium: --min-score: must be between 0 and 1, not 2");
        write(caseOf("one", true), "{}");
        assertThat(build(Map.of(), url).errors()).containsExactly("consilium: train.jsonl:2: id: is missing");
        assertThat(out).doesNotExist();
        Files.createDirectory(out);
        Files.writeString(out.resolve("mine.txt"), "mine");
        write(caseOf("one", true));
        assertThat(build(Map.of(), url).errors()).containsExactly("consilium: DIR: " + out + " is not empty");
    }

    @Test
    void givenAServerThatTakesNothingWhenBuiltThenItStopsAfterAFewRequests() throws Exception {
        write(Stream.of("a", "b", "c", "d", "e", "f", "g")
                .map(id -> caseOf(id, true))
                .toArray(String[]::new));
        try (TeacherServer teacher =
                new TeacherServer((question, reply) -> reply.send(400, "{\"detail\":\"no field 'seed'\"}", Map.of()))) {
            CommandLineRun run = build(teacher, "--perspectives", "analytical", "--concurrency", "1");

            assertThat(run.code()).isEqualTo(2);
            assertThat(run.errors()).anyMatch(line -> line.contains("status 400: no field 'seed'; is --url right"));
            assertThat(teacher.asked()).hasSizeLessThanOrEqualTo(4);
        }
    }
}
