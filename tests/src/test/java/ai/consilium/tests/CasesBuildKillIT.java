package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.format.CaseFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build that is killed goes on where it was: what was answered is not asked again. */
class CasesBuildKillIT {
    private static final int ANSWERED = 3;

    @TempDir
    Path dir;

    @Test
    void givenABuildThatIsKilledWhenStartedAgainThenNoAnswerIsAskedForTwice() throws Exception {
        Path source = Files.createDirectory(dir.resolve("source"));
        Path out = dir.resolve("out");
        List<String> ids = List.of("one", "two", "three", "four", "five", "six");
        Files.write(
                source.resolve("train.jsonl"),
                ids.stream().map(id -> CasesBuildTest.caseOf(id, false)).toList());
        CountDownLatch killed = new CountDownLatch(1);
        try (TeacherServer teacher = new TeacherServer((question, reply) -> {
            if (question.before() == 0 && question.words().matches("(?s).*patient (four|five|six) be.*")) {
                killed.await();
            }
            reply.say(CasesBuildTest.completion("It fits.", "B"), "stop");
        })) {
            String[] arguments = {
                "cases",
                "build",
                source.toString(),
                out.toString(),
                "--url",
                teacher.url(),
                "--model",
                "teacher",
                "--perspectives",
                "analytical",
                "--concurrency",
                "2"
            };
            try (RunProcess build = RunProcess.start(dir, "build", Map.of(), arguments)) {
                await().atMost(RunProcess.PATIENCE)
                        .until(() -> build.alive() && lines(out.resolve("traces.jsonl")) == ANSWERED);
                build.kill();
                build.exit();
            }
            assertThat(out.resolve("train.jsonl")).doesNotExist();
            killed.countDown();

            CommandLineRun again = CommandLineRun.of(arguments);

            assertThat(again.code()).as(again.errors().toString()).isZero();
            assertThat(CaseFile.read(out.resolve("train.jsonl")).cases())
                    .allMatch(of -> of.traces().containsKey("analytical"));
            List<String> words = teacher.asked().stream()
                    .map(TeacherServer.Question::words)
                    .filter(text -> text.matches("(?s).*patient (one|two|three) be.*"))
                    .toList();
            assertThat(words).hasSize(ANSWERED).hasSameSizeAs(new HashSet<>(words));
        }
    }

    private static int lines(Path file) throws java.io.IOException {
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }
}
