package ai.consilium.cli.directory;

/** Names of the files that a run keeps in its directory so that it can be resumed. */
public final class RunFiles {
    /** The effective configuration that the run began with. A directory without it contains no run. */
    public static final String CONFIG = "config.yaml";

    /** In the directory of a run that was trained on what another sampled: which. */
    public static final String RECORDED = "recorded.json";

    private RunFiles() {}
}
