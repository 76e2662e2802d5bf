package ai.consilium.cli.directory;

/** Names of the files that a run keeps in its directory so that it can be resumed. */
public final class RunFiles {
    /** The effective configuration that the run began with. */
    public static final String CONFIG = "config.yaml";
    /** Holds the directory that relative files named in {@link #CONFIG} are resolved against. */
    public static final String BASE = "config.base";

    private RunFiles() {}
}
