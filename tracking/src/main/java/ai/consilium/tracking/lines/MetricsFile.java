package ai.consilium.tracking.lines;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** metrics.jsonl: a line a version and a line an examination, each once. */
public final class MetricsFile {
    /** Its name in a run's directory. */
    public static final String NAME = "metrics.jsonl";

    private final Path file;
    private final JsonLines lines;

    /** In a run's directory. */
    public MetricsFile(Path runDirectory) throws IOException {
        this.file = runDirectory.resolve(NAME);
        this.lines = new JsonLines(file, MetricLine::key);
    }

    /** Where it is. */
    public Path path() {
        return file;
    }

    /** Adds a line. @return false where there is one about the same */
    public boolean add(MetricLine line) throws IOException {
        return lines.add(line.toJson());
    }

    /** What is in it by now. */
    public List<MetricLine> all() throws IOException {
        return JsonLines.from(file, 0).stream().map(MetricLine::fromJson).toList();
    }
}
