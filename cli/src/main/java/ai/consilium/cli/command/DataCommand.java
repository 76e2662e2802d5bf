package ai.consilium.cli.command;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.fetch.FileListWriter;
import ai.consilium.fetch.SourceAddress;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.format.FastSha256;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium data sums|fetch}: cases and models that other hosts fetch, and fetching them. */
@Command(
        name = "data",
        description = {
            "Lists a directory of cases or a model so that other hosts can fetch it from a web server or a bucket,",
            "or fetches one before it is needed."
        },
        mixinStandardHelpOptions = true,
        subcommands = {DataCommand.Sums.class, DataCommand.Fetch.class})
public final class DataCommand {
    /** Writes the list of a directory. */
    @Command(
            name = "sums",
            description = {
                "Writes SHA256SUMS into a directory of cases or of a model: what is listed there is fetched, and nothing",
                "else. Hidden files are left out. Write it again whenever a file changes; upload it last."
            },
            mixinStandardHelpOptions = true)
    static final class Sums implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "DIR", description = "The directory.")
        private Path directory;

        @Override
        public Integer call() {
            if (!Files.isDirectory(directory)) {
                throw new UsageException("DIR: " + directory + ": no such directory");
            }
            try {
                int files = new FileListWriter(FastSha256::digest).write(directory);
                PrintWriter out = spec.commandLine().getOut();
                out.println(directory.resolve("SHA256SUMS") + ": " + files + " files");
                out.flush();
                return 0;
            } catch (IOException e) {
                throw new UsageException("DIR: " + e.getMessage(), e);
            }
        }
    }

    /** Fetches a source. */
    @Command(
            name = "fetch",
            description = {
                "Fetches cases or a model into the cache of this host, and prints the directory: for a host that is to have",
                "them before a run begins, or for another program that reads them."
            },
            mixinStandardHelpOptions = true)
    static final class Fetch implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions options;

        @Parameters(paramLabel = "ADDRESS", description = "https://HOST/PATH or s3://BUCKET/PREFIX.")
        private String address;

        @Option(
                names = "--link",
                paramLabel = "PATH",
                description = "Make this a symbolic link to the directory; one that is there is replaced.")
        private @Nullable Path link;

        @Override
        public Integer call() {
            if (!SourceAddress.meantBy(address)) {
                throw new UsageException("ADDRESS: '" + address + "' is none: https://HOST/PATH or s3://BUCKET/PREFIX");
            }
            Path here = LocalFiles.cases("ADDRESS", address, options.load().config());
            if (link != null) {
                link(link, here);
            }
            spec.commandLine().getOut().println(here);
            spec.commandLine().getOut().flush();
            return 0;
        }

        private static void link(Path link, Path to) {
            if (Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(link)) {
                throw new UsageException("--link: " + link + " is there and is no symbolic link");
            }
            try {
                Path aside = Path.of(link + ".partial");
                Files.deleteIfExists(aside);
                Files.createSymbolicLink(aside, to);
                Files.move(aside, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new UsageException("--link: " + link + " cannot be made: " + e, e);
            }
        }
    }
}
