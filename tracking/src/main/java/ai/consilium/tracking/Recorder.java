package ai.consilium.tracking;

import ai.consilium.runlog.lineage.LineageFiles;
import ai.consilium.runlog.lineage.LineageFollower.Followed;
import ai.consilium.runlog.lineage.LineageRecord;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.tracking.lines.JsonLines;
import ai.consilium.tracking.lines.MetricLine;
import ai.consilium.tracking.lines.MetricsFile;
import ai.consilium.tracking.openlineage.OpenLineageEvents;
import ai.consilium.tracking.tensorboard.TensorBoardFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;

/** The files that are written, each thing once, however often it is handed over. One thread. */
final class Recorder {
    private final LineageFiles lineage;
    private final OpenLineageEvents events;
    private final JsonLines eventLines;
    private final MetricsFile metrics;
    private final Optional<TensorBoardFiles> tensorboard;

    /** @param kafka namespace of topics in OpenLineage events */
    Recorder(Path runDirectory, String kafka, boolean tensorboard) throws IOException {
        this.lineage = LineageFiles.of(runDirectory);
        Files.createDirectories(lineage.directory());
        this.events = new OpenLineageEvents(kafka);
        this.eventLines = new JsonLines(events(runDirectory), OpenLineageEvents::key);
        this.metrics = new MetricsFile(runDirectory);
        this.tensorboard =
                tensorboard ? Optional.of(new TensorBoardFiles(runDirectory, metrics.all())) : Optional.empty();
    }

    /** File of OpenLineage events in a run's directory. */
    static Path events(Path runDirectory) {
        return LineageFiles.of(runDirectory).directory().resolve(OpenLineageEvents.FILE);
    }

    /** A version. */
    void add(Followed followed) throws IOException {
        write(followed.record());
        eventLines.add(events.of(followed.record()));
        PolicyUpdate update = followed.update();
        add(new MetricLine(
                update.getSpecialty(),
                update.getVersion(),
                followed.record().kind(),
                update.getCreatedMs(),
                new TreeMap<>(update.getFigures())));
    }

    /** Figures. */
    void add(MetricLine line) throws IOException {
        if (metrics.add(line) && tensorboard.isPresent()) {
            tensorboard.get().add(line);
        }
    }

    private void write(LineageRecord record) throws IOException {
        byte[] content = record.toJson();
        Path file = lineage.file(record.version());
        if (lineage.read(record.version())
                .filter(there -> Arrays.equals(there, content))
                .isEmpty()) {
            Path aside = file.resolveSibling(file.getFileName() + ".new");
            Files.write(aside, content);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
