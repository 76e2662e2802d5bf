package ai.consilium.cli.eval;

import ai.consilium.cli.report.ReportJson;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the predictions in a directory depend on, by name: another model, adapter, case file, image or way of sampling makes
 * others, and the two do not mix.
 */
record EvaluationSettings(Map<String, String> values) {
    private static final String FILE = "settings.json";

    /** Whether a directory holds an evaluation. */
    static boolean keptIn(Path out) {
        return Files.exists(out.resolve(FILE));
    }

    /**
     * Writes them into a new directory; one that holds an evaluation must hold the same.
     *
     * @throws UsageException naming the first setting that differs
     */
    void keep(Path out) throws IOException {
        Path file = out.resolve(FILE);
        if (!keptIn(out)) {
            AtomicFile.write(file, ReportJson.write(values) + "\n");
            return;
        }
        Map<String, String> begun = read(file);
        Map<String, String> all = new LinkedHashMap<>(begun);
        all.putAll(values);
        for (String name : all.keySet()) {
            String there = begun.getOrDefault(name, "none");
            String here = values.getOrDefault(name, "none");
            if (!there.equals(here)) {
                throw new UsageException("--out: the evaluation in " + out + " was begun with another " + name + ": "
                        + there + ", now " + here + "; choose another --out, or delete it");
            }
        }
    }

    private static Map<String, String> read(Path file) throws IOException {
        try {
            return new ObjectMapper().readValue(file.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new UsageException("--out: " + file + " is not the settings of an evaluation", e);
        }
    }
}
