package ai.consilium.cli.config;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where Consilium is installed: the launcher tells by a system property. */
public final class InstallDirectory {
    private InstallDirectory() {}

    /** The directory that holds models/tiny. */
    private static Path directory() {
        return Path.of(System.getProperty("consilium.home", "")).toAbsolutePath();
    }

    /** A path from the configuration: as it is, or under the installation when it does not exist here. */
    public static Path resolve(String path) {
        Path here = Path.of(path).toAbsolutePath();
        return Files.exists(here) ? here : directory().resolve(path);
    }
}
