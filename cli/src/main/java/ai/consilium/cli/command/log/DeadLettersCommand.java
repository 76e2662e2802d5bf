package ai.consilium.cli.command.log;

import ai.consilium.cases.format.Printable;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.letters.LetterFilter;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.letters.RecordedLetter;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium dead-letters list|show|redrive}. */
@Command(
        name = "dead-letters",
        description =
                "Records that could not be used: which, why, what they hold; and writes them to their topics again.",
        mixinStandardHelpOptions = true,
        subcommands = {DeadLettersCommand.Listing.class, DeadLettersShowCommand.class, DeadLettersRedriveCommand.class})
public final class DeadLettersCommand {
    static final String WHERE =
            "With --run-dir: the run of 'train' in that directory, running or finished. Otherwise: the run run_id of a cluster.";
    private static final int REASON_SHOWN = 100;
    private static final int KEY_SHOWN = 40;

    /**
     * A letter, as programs read it.
     *
     * @param place of the record, topic/partition/offset
     * @param at when it was refused, ISO 8601
     * @param bytes of the record's value; -1: not known
     * @param whole whether the letter keeps all of the record
     * @param redrivenTo where it was written again
     */
    record Listed(
            String place,
            String at,
            String stage,
            String reason,
            @Nullable String key,
            long bytes,
            String sha256,
            boolean whole,
            List<String> redrivenTo) {
        static Listed of(RecordedLetter letter, KafkaClients kafka) {
            return new Listed(
                    letter.about().shown(kafka),
                    Instant.ofEpochMilli(letter.createdMs()).toString(),
                    letter.stage(),
                    letter.reason(),
                    letter.key(),
                    letter.bytes(),
                    letter.sha256(),
                    letter.whole(),
                    letter.redrivenTo());
        }
    }

    /** Which there are. */
    @Command(
            name = "list",
            description = {"Dead letters, the newest last: which record, who refused it, when and why.", WHERE},
            mixinStandardHelpOptions = true)
    static final class Listing implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private LogOptions log;

        @Mixin
        private LetterFilter filter;

        @Mixin
        private OutputOption output;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "At most so many, the newest (default: ${DEFAULT-VALUE}).")
        private int limit;

        private record Found(int letters, List<Listed> shown) {}

        @Override
        public Integer call() throws IOException {
            if (limit < 1) {
                throw new UsageException("--limit: must be 1 or more, not " + limit);
            }
            Found found = log.look(this::found);
            output.print(spec.commandLine().getOut(), found, out -> {
                if (!found.shown().isEmpty()) {
                    out.print(ResultsTable.table(table(found.shown())));
                }
                String more = found.letters() > found.shown().size()
                        ? ", the newest " + found.shown().size() + " shown (--limit)"
                        : "";
                out.println(found.letters() + (found.letters() == 1 ? " dead letter" : " dead letters") + more);
            });
            return 0;
        }

        private Found found(KafkaClients kafka) {
            List<RecordedLetter> letters = filter.of(RecordedLetter.read(kafka), kafka);
            return new Found(
                    letters.size(),
                    letters.subList(Math.max(0, letters.size() - limit), letters.size()).stream()
                            .map(letter -> Listed.of(letter, kafka))
                            .toList());
        }

        private static List<List<String>> table(List<Listed> letters) {
            List<List<String>> lines = new ArrayList<>();
            lines.add(List.of("record", "refused", "by", "key", "bytes", "redriven", "reason"));
            for (Listed one : letters) {
                lines.add(List.of(
                        Printable.shown(one.place()),
                        Instant.parse(one.at()).truncatedTo(ChronoUnit.SECONDS).toString(),
                        Printable.shown(one.stage()),
                        one.key() == null ? "-" : shown(one.key(), KEY_SHOWN),
                        one.bytes() < 0 ? "?" : Long.toString(one.bytes()),
                        one.redrivenTo().isEmpty() ? "-" : one.redrivenTo().size() + "x",
                        shown(one.reason(), REASON_SHOWN)));
            }
            return lines;
        }

        private static String shown(String text, int most) {
            return Printable.shown(text.length() <= most ? text : text.substring(0, most) + " ...");
        }
    }
}
