package ai.consilium.cli.command.log;

import ai.consilium.cases.format.Printable;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.letters.LetterFilter;
import ai.consilium.cli.letters.Redriver;
import ai.consilium.cli.letters.Redriver.Redriven;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.letters.RecordPlace;
import ai.consilium.runlog.letters.RecordedLetter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium dead-letters redrive}. */
@Command(
        name = "redrive",
        description = {
            "Writes records to their topics again, once what kept them from being used is mended: the same bytes, key and"
                    + " partition, and the header " + Redriver.HEADER + ". Marked on the log: once is enough.",
            DeadLettersCommand.WHERE
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium dead-letters redrive trajectories/0/17 trajectories/1/4 --run-dir runs/a",
            "  consilium dead-letters redrive --topic trajectories --reason 'is not in train.jsonl' --dry-run"
        })
final class DeadLettersRedriveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RECORD", description = "topic/partition/offset; none: those of the filters.")
    private List<String> places = List.of();

    @Mixin
    private LogOptions log;

    @Mixin
    private LetterFilter filter;

    @Mixin
    private OutputOption output;

    @Option(names = "--all", description = "All that have not been redriven.")
    private boolean all;

    @Option(names = "--again", description = "Also what has been redriven before.")
    private boolean again;

    @Option(names = "--dry-run", description = "Say what would be redriven, and write nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws IOException {
        boolean filtered = all || filter.isSet();
        if (places.isEmpty() != filtered) {
            throw new UsageException("dead-letters redrive: give either records, or --all or filters");
        }
        List<Redriven> done = log.look(this::redrive);
        long refused = done.stream().filter(one -> one.reason() != null).count();
        output.print(spec.commandLine().getOut(), done, out -> {
            done.forEach(one -> out.println(line(one)));
            out.println(done.size()
                    - refused
                    + (dryRun ? " would be redriven" : " redriven")
                    + (refused == 0 ? "" : ", " + refused + " not"));
        });
        return refused == 0 ? 0 : 1;
    }

    private List<Redriven> redrive(KafkaClients kafka) {
        return dryRun ? dry(kafka) : written(kafka);
    }

    private List<Redriven> dry(KafkaClients kafka) {
        return wanted(kafka).stream()
                .map(letter -> Redriver.ask(letter, again, kafka))
                .toList();
    }

    private List<Redriven> written(KafkaClients kafka) {
        List<Redriven> done = new ArrayList<>();
        try (Redriver redriver = new Redriver(kafka)) {
            // Read after another's transaction ended: what it marked is not written once more.
            for (RecordedLetter letter : wanted(kafka)) {
                done.add(redriver.redrive(letter, again));
            }
        }
        return done;
    }

    private List<RecordedLetter> wanted(KafkaClients kafka) {
        List<RecordedLetter> letters = RecordedLetter.read(kafka);
        if (!places.isEmpty()) {
            return Redriver.find(
                    places.stream()
                            .map(place -> RecordPlace.parse(place, kafka))
                            .distinct()
                            .toList(),
                    letters,
                    kafka);
        }
        return Redriver.byPlace(filter.of(letters, kafka)).values().stream()
                .filter(letter -> again || letter.redrivenTo().isEmpty())
                .toList();
    }

    private static String line(Redriven one) {
        String from = Printable.shown(one.from());
        if (one.reason() != null) {
            return from + " " + Printable.shown(one.reason());
        }
        return one.to() == null ? from : from + " -> " + Printable.shown(one.to());
    }
}
