package ai.consilium.cli.command.log;

import ai.consilium.cli.command.OutputOption;
import ai.consilium.runlog.GroupAccounting;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code consilium topics}. */
@Command(
        name = "topics",
        description = "Inspects the topics of a run, and says how they are made and who needs which rights on them.",
        mixinStandardHelpOptions = true,
        subcommands = {TopicsCommand.Describe.class, TopicListCommand.class, AclsCommand.class})
public final class TopicsCommand {
    /** Counts records and outcomes. */
    @Command(
            name = "describe",
            description = {
                "Records per topic and groups per outcome; says whether all groups are accounted for.",
                "With --run-dir: the run of 'train' in that directory, running or finished. Otherwise: the run run_id of a cluster."
            },
            mixinStandardHelpOptions = true)
    static final class Describe implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private LogOptions log;

        @Mixin
        private OutputOption output;

        @Override
        public Integer call() throws IOException {
            GroupAccounting figures = log.look(GroupAccounting::describe);
            output.print(spec.commandLine().getOut(), figures, out -> {
                figures.records().forEach((topic, count) -> out.printf("%-18s %8d records%n", topic, count));
                out.printf("%n%-18s %8d%n", "prompts", figures.prompts());
                figures.outcomes().forEach((outcome, count) -> out.printf("%-18s %8d%n", outcome, count));
                out.println(figures.balanced() ? "all groups accounted for" : "open: some groups have no outcome yet");
            });
            return 0;
        }
    }
}
