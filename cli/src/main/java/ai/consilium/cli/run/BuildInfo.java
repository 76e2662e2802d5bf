package ai.consilium.cli.run;

import ai.consilium.policy.torch.TorchRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code consilium --version} prints; the build writes version and commit into {@code build.properties}. */
public final class BuildInfo implements IVersionProvider {
    private static final String FILE = "/ai/consilium/cli/build.properties";

    private final Properties build = new Properties();

    public BuildInfo() {
        try (InputStream file = BuildInfo.class.getResourceAsStream(FILE)) {
            if (file == null) {
                throw new IllegalStateException(FILE + " is not on the class path");
            }
            try (Reader text = new InputStreamReader(file, StandardCharsets.UTF_8)) {
                build.load(text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the project, such as {@code 0.2.0}. */
    public String version() {
        return build.getProperty("version");
    }

    /**
     * The abbreviated Git commit that was built, with {@code +changes} after it when tracked files differed from it;
     * {@code unknown} when the sources were not in a Git checkout.
     */
    String commit() {
        return build.getProperty("commit");
    }

    /** Version and commit: {@code 0.2.0 (commit 1234567)}. */
    String code() {
        return version() + " (commit " + commit() + ")";
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "consilium " + code(), "Java " + System.getProperty("java.version") + ", PyTorch " + TorchRuntime.version()
        };
    }
}
