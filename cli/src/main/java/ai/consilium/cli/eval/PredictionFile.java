package ai.consilium.cli.eval;

import ai.consilium.cases.format.Case;
import ai.consilium.cli.eval.EvaluationPlan.Batch;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * predictions.jsonl, which grows by whole batches. What a killed process left of a batch, a torn last line included, is dropped
 * when the file is opened again: the batch is sampled anew with the same neighbours and thus the same result. Thread-safe.
 */
final class PredictionFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final Path path;
    private final int samples;
    private final Map<Prediction.Key, Prediction> predictions = new LinkedHashMap<>();

    private PredictionFile(Path path, int samples) {
        this.path = path;
        this.samples = samples;
    }

    /**
     * Opens it, empty where there is none.
     *
     * @param batches all that are asked
     * @param samples of each case
     * @throws UsageException naming a line that was not written by this evaluation
     */
    static PredictionFile open(Path path, List<Batch> batches, int samples) throws IOException {
        PredictionFile file = new PredictionFile(path, samples);
        if (Files.exists(path)) {
            file.read(batches);
        }
        return file;
    }

    private void read(List<Batch> batches) throws IOException {
        Set<Prediction.Key> asked = new HashSet<>();
        batches.forEach(batch -> keys(batch).forEach(asked::add));
        boolean dropped = endsTorn();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8))) {
            int number = 0;
            String line = lines.readLine();
            while (line != null) {
                String next = lines.readLine();
                number++;
                if (next != null || !dropped) {
                    add(number, parse(number, line), asked);
                }
                line = next;
            }
        }
        for (Batch batch : missing(batches)) {
            dropped |= keys(batch)
                            .map(predictions::remove)
                            .filter(Objects::nonNull)
                            .count()
                    > 0;
        }
        if (dropped) {
            AtomicFile.write(path, lines(predictions.values().stream()));
        }
    }

    private boolean endsTorn() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            if (file.length() == 0) {
                return false;
            }
            file.seek(file.length() - 1);
            return file.read() != '\n';
        }
    }

    private void add(int number, Prediction prediction, Set<Prediction.Key> asked) {
        Prediction.Key key = prediction.key();
        if (!asked.contains(key)) {
            throw refuse(
                    number,
                    "nothing asks for sample " + key.sample() + " of " + key.adapter() + " for case " + key.id()
                            + " of " + key.file());
        }
        if (predictions.put(key, prediction) != null) {
            throw refuse(
                    number,
                    "repeats an earlier line: sample " + key.sample() + " of " + key.adapter() + " for case " + key.id()
                            + " of " + key.file());
        }
    }

    private Prediction parse(int number, String line) {
        try {
            return JSON.readValue(line, Prediction.class);
        } catch (JsonProcessingException e) {
            throw refuse(number, e.getOriginalMessage().lines().findFirst().orElse("unreadable"));
        }
    }

    private UsageException refuse(int number, String problem) {
        return new UsageException("--out: " + path + ":" + number + ": " + problem);
    }

    /** Batches of a plan that are not answered yet, in order. */
    synchronized List<Batch> missing(List<Batch> batches) {
        return batches.stream()
                .filter(batch -> !keys(batch).allMatch(predictions::containsKey))
                .toList();
    }

    private Stream<Prediction.Key> keys(Batch batch) {
        return batch.cases().stream().flatMap(asked -> keys(batch.adapter(), batch.perspective(), batch.file(), asked));
    }

    private Stream<Prediction.Key> keys(String adapter, String perspective, String file, Case asked) {
        return IntStream.range(0, samples)
                .mapToObj(sample -> new Prediction.Key(adapter, perspective, file, asked.id(), sample));
    }

    /** Adds a batch. */
    synchronized void append(List<Prediction> batch) throws IOException {
        Files.writeString(path, lines(batch.stream()), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        batch.forEach(prediction -> predictions.put(prediction.key(), prediction));
    }

    private static String lines(Stream<Prediction> predictions) {
        StringBuilder lines = new StringBuilder();
        predictions.forEach(prediction -> {
            try {
                lines.append(JSON.writeValueAsString(prediction)).append('\n');
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("records of text are always writable", e);
            }
        });
        return lines.toString();
    }

    /** The samples of a case, which is answered. */
    synchronized List<Prediction> of(String adapter, String perspective, String file, Case asked) {
        return keys(adapter, perspective, file, asked)
                .map(key -> Objects.requireNonNull(predictions.get(key)))
                .toList();
    }
}
