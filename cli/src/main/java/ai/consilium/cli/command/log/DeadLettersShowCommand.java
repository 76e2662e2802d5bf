package ai.consilium.cli.command.log;

import ai.consilium.cases.format.Printable;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.command.log.DeadLettersCommand.Listed;
import ai.consilium.cli.letters.LetterContent;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.letters.RecordPlace;
import ai.consilium.runlog.letters.RecordedLetter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium dead-letters show}. */
@Command(
        name = "show",
        description = {
            "One record that could not be used: every reason, its headers, and what it holds, decoded or in bytes.",
            DeadLettersCommand.WHERE
        },
        mixinStandardHelpOptions = true)
final class DeadLettersShowCommand implements Callable<Integer> {
    private static final int SHOWN = 4000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RECORD", description = "topic/partition/offset: trajectories/0/17.")
    private String place;

    @Mixin
    private LogOptions log;

    @Mixin
    private OutputOption output;

    @Option(names = "--full", description = "All of a long record.")
    private boolean full;

    private record Shown(List<Listed> letters, LetterContent content) {}

    @Override
    public Integer call() throws IOException {
        Shown shown = log.look(this::shown);
        String content = shown.content().text(full ? Integer.MAX_VALUE : SHOWN);
        output.print(spec.commandLine().getOut(), shown, out -> {
            Listed first = shown.letters().get(0);
            out.println("record    " + Printable.shown(first.place()));
            out.println("key       " + (first.key() == null ? "none" : Printable.shown(first.key())));
            out.println("value     " + (first.bytes() < 0 ? "" : first.bytes() + " bytes, ") + first.sha256());
            for (Listed letter : shown.letters()) {
                out.println("refused   " + letter.at() + " by " + Printable.shown(letter.stage()) + ": "
                        + Printable.shown(letter.reason()));
            }
            first.redrivenTo().forEach(to -> out.println("redriven  to " + Printable.shown(to)));
            shown.content()
                    .headers()
                    .forEach((name, value) ->
                            out.println("header    " + Printable.shown(name) + ": " + Printable.shown(value)));
            out.println("read from " + shown.content().source());
            out.println();
            out.println(content);
        });
        return 0;
    }

    private Shown shown(KafkaClients kafka) {
        RecordPlace wanted = RecordPlace.parse(place, kafka);
        List<RecordedLetter> letters = RecordedLetter.read(kafka).stream()
                .filter(letter -> letter.about().equals(wanted))
                .toList();
        if (letters.isEmpty()) {
            throw new UsageException("there is no dead letter of " + wanted.shown(kafka)
                    + "; consilium dead-letters list shows which there are");
        }
        return new Shown(
                letters.stream().map(letter -> Listed.of(letter, kafka)).toList(),
                LetterContent.of(letters.get(0), kafka));
    }
}
