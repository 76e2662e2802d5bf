package ai.consilium.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RunOptionsTest {
    @Test
    void givenTheHostInARunDirectoryThenItIsThisHostsName() throws Exception {
        String host = InetAddress.getLocalHost().getHostName();
        assertThat(path("/runs/rollout-{host}")).isEqualTo(Path.of("/runs/rollout-" + host));
        assertThat(path("/runs/{hosts}")).isEqualTo(Path.of("/runs/{hosts}"));
    }

    private static Path path(String directory) {
        return CommandLine.populateCommand(new RunOptions(), "--run-dir", directory)
                .path();
    }
}
