package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.Ports;
import ai.consilium.pretraining.TinyModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person can mend is one line that says where, exit 2, and nothing is left behind. */
class UsageErrorsTest {
    @TempDir
    static Path shared;

    @TempDir
    Path dir;

    @BeforeAll
    static void makeAModelAndCases() throws IOException {
        TinyModel.initialise(model(), 1);
        Clinic.write(Files.createDirectories(cases()), new ClinicSettings(1, 0.3, 2, 1, 1));
    }

    @Test
    void givenAnUnknownKeyWhenTrainingThenFileLineAndTheNearestKeyAreNamed() throws IOException {
        Path file = Files.writeString(dir.resolve("mine.yaml"), "seed: 2\nstep: 5\n");
        refused(train("--config", file.toString()), file + ":2: step: unknown key, did you mean steps?");
    }

    @Test
    void givenTwoLettersThatChangedPlacesWhenTrainingThenTheKeyIsSuggested() {
        refused(train("--set", "stpes=5"), "--set: stpes: unknown key, did you mean steps?");
    }

    @Test
    void givenAWrongTypeWhenTrainingThenFileLineAndKeyAreNamed() throws IOException {
        Path file = Files.writeString(dir.resolve("mine.yaml"), "\nrl:\n  warmup_steps: few\n");
        refused(train("--config", file.toString()), file + ":3: rl.warmup_steps: expected a whole number, found 'few'");
    }

    @Test
    void givenSeveralMistakesWhenTrainingThenEachHasItsLine() {
        CommandLineRun run = train("--set", "loss.type=ppo", "--set", "dsa.steps=-1", "--set", "kafka.port=70000");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.errors())
                .containsExactlyInAnyOrder(
                        "consilium: --set: loss.type: must be one of dapo, grpo, dr_grpo, gspo, cispo, not 'ppo'",
                        "consilium: --set: dsa.steps: must not be negative",
                        "consilium: --set: kafka.port: must be between 0 and 65535");
        assertThat(dir.resolve("run")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "perspectives=[intuitive,wise]      | perspectives: 'wise' is not one of differential",
                "prompts=shipped:poetic             | prompts: 'shipped:poetic' does not exist; the layouts included are shipped:clinical",
                "prompts=absent.yaml                | prompts: no such file: ",
                "specialties=[dermatology]          | specialties: 'dermatology' is not one of the simulated clinic's",
                "specialties=[../up]                | --set: specialties: must consist of letters",
                "specialties=[unified]              | --set: specialties: 'unified' is the name of the merged agent",
                "sampling.temperature=0             | --set: sampling.temperature: must be above 0 and at most 10",
                "answer=loose                       | --set: answer: expected one of strict, lenient, compat, found 'loose'",
                "lora.targets=[q_proj,x_proj]       | lora.targets: lora target x_proj is not a projection",
                "run_id=a/b                         | --set: run_id: must be letters, digits and hyphens",
                "reward.scorers=[{name: a, type: accuracy}] | --set: reward.scorers: must contain a required scorer",
                "reward.scorers=[{name: a, type: b}]| --set: reward.scorers[0].type: 'b' of a is not one of",
                "compute.dtype=fp8                  | --set: compute.dtype: must be fp32 or bf16, not 'fp8'",
                "merger.weights={peds: 2.0}         | --set: merger.weights.peds: is not one of the specialties adult_medicine",
                "merger.weights={pediatrics: -0.5}  | --set: merger.weights: must not be negative",
                "merger.weights={adult_medicine: 0, pediatrics: 0, brain_senses: 0, oncology_surgery: 0} | --set: merger.weights.adult_medicine: must be above 0: no specialty would",
                "merger.density=0                   | --set: merger.density: must be above 0 and at most 1",
                "dsa.traces={peds: 4}               | --set: dsa.traces.peds: is not one of the specialties adult_medicine",
                "start.adapters={peds: x}           | --set: start.adapters.peds: is not one of the specialties adult_medicine",
                "start.adapters={pediatrics: x}     | --set: start.adapters.pediatrics: needs dsa.shared_steps 0",
                "max_untrained_batches=-1           | --set: max_untrained_batches: must be at least 0, not -1",
                "dsa.batch_size=3                   | --set: dsa.batch_size: must be at least 4: one example of each",
                "merger.rank=8                      | --set: merger.rank: must be above lora.rank (16)",
                "eval.interval=-1                   | --set: eval.interval: must be at least 0, not -1",
                "ckpt.keep_best=true                | --set: ckpt.keep_best: needs eval.interval above 0",
                "ckpt.store=s3://X                  | --set: ckpt.store: must be a directory or s3://bucket/prefix, not 's3://X'",
                "s3.endpoint=ftp://minio            | --set: s3.endpoint: must be an http or https address",
                "model=hf://org/model               | --set: model: must be a directory, https://HOST/PATH or s3://BUCKET/PREFIX; what begins with hf:",
                "data_root=https://h/x?key=secret    | --set: data_root: must have no user, password, query or fragment in it",
                "fetch.connections=0                 | --set: fetch.connections: must be between 1 and 64, not 0",
                "cache.max_gib=0                     | --set: cache.max_gib: must be above 0 and at most 1048576, not 0",
                "learner.specialties=[cardiology]   | --set: learner.specialties: 'cardiology' is not one of the specialties adult_medicine",
                "learner.specialties=[pediatrics]   | learner.specialties: consilium train trains all specialties",
                "learner.help=true                  | --set: learner.help: needs ckpt.store: learners stand by for each other",
                "compute.priority=both              | --set: compute.priority: must be train or sample, not 'both'",
                "compute.device=gpu                 | compute.device: must be cpu or cuda:N, not 'gpu'",
                "compute.device=cuda:0              | compute.device: cuda:0: libtorch sees 0 GPUs (docs/GPU.md",
                "group_size=1                       | --set: group_size: 1 is too small",
                "monitor.host=no.such.host.invalid  | monitor.host: unknown host",
                "monitor.host=0.0.0.0               | --set: monitor.host: 0.0.0.0 can be reached from other machines",
                "model=nowhere                      | model: ",
            })
    void givenAValueThatCannotBeMeantWhenTrainingThenItsKeyIsNamed(String setting, String line) {
        refused(train("--set", setting), line);
    }

    @Test
    void givenAGroupThatCouldExceedTheRecordLimitWhenTrainingThenTheKeyThatWasSetIsNamed() {
        refused(
                train("--set", "sampling.max_completion_tokens=1000000"),
                "--set: sampling.max_completion_tokens: group_size 10 with sampling.max_completion_tokens 1000000 allows",
                "above the record limit of");
    }

    @Test
    void givenAStartThatIsNoAdapterWhenTrainingThenKeyAndDirectoryAreNamed() {
        refused(
                train("--set", "dsa.shared_steps=0", "--set", "start.adapters.pediatrics=" + model()),
                "start.adapters.pediatrics: " + model() + ": lacks adapter_config.json");
    }

    @Test
    void givenAMissingImageWhenTrainingThenFileLineAndFieldAreNamed() throws IOException {
        Path data = copyOfCases();
        String line = Files.readAllLines(data.resolve("train.jsonl")).get(2);
        String image = line.replaceAll(".*\"images\":\\[\"([^\"]+)\".*", "$1");
        Files.delete(data.resolve(image));
        refused(
                train("--cases", data.toString()),
                "data_root: " + data.resolve("train.jsonl") + ":3: images: '" + image + "' is missing");
    }

    @Test
    void givenABrokenLineWhenTrainingThenFileAndLineAreNamed() throws IOException {
        Path data = copyOfCases();
        rewrite(data.resolve("val.jsonl"), 2, line -> line.substring(0, line.length() / 2));
        refused(
                train("--cases", data.toString()),
                "data_root: " + data.resolve("val.jsonl") + ":2: broken JSON at column ");
    }

    @Test
    void givenALabelThatIsNoOptionWhenTrainingThenFileLineAndOptionsAreNamed() throws IOException {
        Path data = copyOfCases();
        rewrite(data.resolve("test.jsonl"), 1, line -> line.replaceAll("\"label\":\"[A-Z]\"", "\"label\":\"Z\""));
        refused(
                train("--cases", data.toString()),
                "data_root: " + data.resolve("test.jsonl") + ":1: label: 'Z' is not an option; options are A");
    }

    @Test
    void givenADirectoryWithoutCasesWhenTrainingThenTheMissingFileIsNamed() throws IOException {
        Path empty = Files.createDirectory(dir.resolve("empty"));
        refused(
                train("--cases", empty.toString()),
                "data_root: " + empty.resolve("train.jsonl") + ": no such case file");
        refused(train("--cases", dir.resolve("none").toString()), "data_root: ", "none: no such directory of cases");
    }

    @Test
    @SuppressWarnings("try") // held, not used
    void givenARunDirectoryInUseWhenTrainingThenItIsNamedAndLeftAlone() throws IOException {
        Path run = dir.resolve("run");
        try (DirectoryLock other = DirectoryLock.claim(run, "run.lock")) {
            CommandLineRun tried = train();
            assertThat(tried.code()).isEqualTo(2);
            assertThat(tried.errors()).singleElement().asString().contains("run directory in use: " + run);
            assertThat(namesIn(run)).containsExactly("run.lock");
        }
    }

    @Test
    void givenADirectoryThatHoldsARunWhenTrainingThenBothWaysOnAreNamed() throws IOException {
        Path run = Files.createDirectory(dir.resolve("run"));
        Files.createFile(run.resolve("run.lock"));
        Files.writeString(run.resolve("results.json"), "{}");
        CommandLineRun tried = train();
        assertThat(tried.code()).isEqualTo(2);
        assertThat(tried.errors()).singleElement().asString().contains(run.toString(), "--resume", "--clean");
        assertThat(namesIn(run)).containsExactlyInAnyOrder("run.lock", "results.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka.port", "schema_registry.port", "monitor.port", "health.port"})
    void givenAPortInUseWhenTrainingThenItsKeyIsNamed(String key) throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(other.getLocalPort());
            refused(train("--set", key + "=" + port), key + ": port " + port + " on 127.0.0.1 is in use");
        }
    }

    @ParameterizedTest
    @CsvSource({"dev-cluster, schema_registry.port", "monitor, monitor.port", "advantage, health.port"})
    void givenAPortInUseWhenARoleRunsThenItsKeyIsNamed(String role, String key) throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(other.getLocalPort());
            refused(role(role, "--set", key + "=" + port), key + ": port " + port + " on 127.0.0.1 is in use");
        }
    }

    @Test
    void givenOnePortForTwoWhenTrainingThenBothKeysAreNamed() {
        int port = Ports.free();
        refused(
                train("--set", "monitor.port=" + port, "--set", "health.port=" + port),
                "health.port: port " + port + " is also used by monitor.port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train", "rollout", "learner", "merger"})
    void givenAModelWithoutTokenizerWhenStartingThenItIsNamed(String command) throws IOException {
        Path copy = copy(model(), dir.resolve("model"));
        Files.delete(copy.resolve("tokenizer.json"));
        String setting = "model=" + copy;
        CommandLineRun run = command.equals("train") ? train("--set", setting) : role(command, "--set", setting);
        refused(run, "model: " + copy + ": lacks tokenizer.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train", "advantage"})
    void givenABrokerThatDoesNotAnswerWhenStartingThenItsAddressIsNamed(String command) {
        String address = "127.0.0.1:" + Ports.free();
        String[] settings = {
            "--set", "kafka.bootstrap.servers=" + address, "--set", "schema_registry.url=http://127.0.0.1:1"
        };
        CommandLineRun run = command.equals("train") ? train(settings) : role(command, settings);
        refused(run, "kafka.bootstrap.servers: no broker answers at " + address);
    }

    @Test
    void givenARoleWithoutWhatItNeedsWhenStartedThenTheKeyIsNamed() {
        refused(role("surgeon"), "ROLE: 'surgeon' is not one of monitor, ", "scheduler, dev-cluster");
        refused(role("reward", "--set", "run_id="), "run_id is not set");
        refused(role("reward", "--set", "data_root="), "data_root is not set");
        refused(role("reward"), "kafka.bootstrap.servers is not set");
        refused(role("advantage", "--set", "kafka.bootstrap.servers=h:1"), "schema_registry.url is not set");
    }

    @Test
    void givenNothingToResumeWhenResumingThenItIsSaid() {
        refused(train("--resume"), "--resume: " + dir.resolve("run") + " contains no run");
        refused(CommandLineRun.of("train", "--resume"), "--resume: there is no run under ");
        refused(train("--clean", "--resume"), "--resume");
    }

    @Test
    void givenAForkThatCannotBeWhenTrainingThenItIsSaid() throws IOException {
        Path none = dir.resolve("none");
        refused(train("--fork", none.toString()), "--fork: " + none + " contains no run: config.yaml is missing");
        refused(train("--fork", none + "@3"), "--fork: " + none + " contains no run: config.yaml is missing");
        refused(train("--fork", none.toString(), "--resume"), "--fork: a run is forked once");
        refused(train("--fork", none.toString(), "--fast"), "--fast: a forked run has the settings");
        refused(train("--fork", dir.resolve("run").toString()), "--fork: a run cannot begin in the directory");
        refused(train("--set", "start.agent=" + none), "start.agent: needs dsa.shared_steps 0");
        refused(
                train("--set", "start.agent=" + none, "--set", "start.adapters.pediatrics=" + none),
                "are mutually exclusive: all experts begin as the agent");
        refused(train("--set", "start.agent=" + none, "--set", "dsa.shared_steps=0"), "start.agent: " + none);

        Path kept = Files.createDirectory(dir.resolve("kept"));
        CommandLineRun shown = train("--set", "run_id=icu", "--dry-run");
        Files.writeString(kept.resolve("config.yaml"), shown.text());
        refused(train("--fork", kept.toString()), "run_id: icu is the name of the run that is forked");
    }

    @Test
    void givenAnAblationThatCannotBeWhenStartedThenOptionOrRowIsNamed() throws IOException {
        refused(ablate("--seeds", "1,1"), "--seeds: a seed is given twice");
        refused(ablate("--rows", "gba,abg"), "--rows: there is no row abg; there are gba, grpo");
        refused(ablate("--row", "m=loss.type=ppo", "--rows", "m"), "row m: --set: loss.type: must be one of dapo");
        refused(ablate("--rows-file", dir.resolve("none").toString()), "--rows-file: " + dir, "no such file");
        refused(ablate("--set", "run_id=mine"), "run_id: an ablation names its runs by row and seed");
        refused(ablate("--cases", dir.resolve("none").toString()), "data_root: ", "none: no such directory of cases");
        refused(ablate("--report"), "--report: " + dir.resolve("run") + " contains no ablation");
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.createFile(other.resolve("mine.txt"));
        refused(ablate("--out", other.toString()), "--out: " + other + " contains files that do not belong");
    }

    @Test
    void givenAWrongOptionWhenParsedThenOneLineSaysWhereHelpIs() {
        refused(train("--reusme"), "'--reusme'", "did you mean --resume?", "(see consilium train --help)");
        refused(CommandLineRun.of("trian"), "'trian'", "(see consilium --help)");
        refused(CommandLineRun.of("run"), "ROLE", "(see consilium run --help)");
    }

    private void refused(CommandLineRun run, String... parts) {
        assertThat(run.errors())
                .singleElement()
                .asString()
                .startsWith("consilium: ")
                .contains(parts);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(dir.resolve("run")).doesNotExist();
    }

    private CommandLineRun train(String... more) {
        return run(List.of("train"), more);
    }

    private CommandLineRun ablate(String... more) {
        List<String> arguments = new ArrayList<>(List.of("ablate", "--set", "model=" + model()));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--out")) {
            arguments.addAll(List.of("--out", dir.resolve("run").toString()));
        }
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private CommandLineRun role(String role, String... more) {
        return run(List.of("run", role, "--set", "run_id=errors", "--set", "data_root=" + cases()), more);
    }

    private CommandLineRun run(List<String> command, String... more) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--run-dir", dir.resolve("run").toString(), "--set", "model=" + model()));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private static Path model() {
        return shared.resolve("model");
    }

    private static Path cases() {
        return shared.resolve("cases");
    }

    private Path copyOfCases() throws IOException {
        return copy(cases(), dir.resolve("cases"));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    private static void rewrite(Path file, int number, java.util.function.UnaryOperator<String> change)
            throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.set(number - 1, change.apply(lines.get(number - 1)));
        Files.write(file, lines);
    }

    private static List<String> namesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> Objects.requireNonNull(file.getFileName()).toString())
                    .toList();
        }
    }
}
