package ai.consilium.cli.build;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseLine;
import ai.consilium.cases.format.DirectoryBounds;
import ai.consilium.platform.AtomicFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a build reads: a directory of cases, of which those of train.jsonl are given traces, or one file of cases. Everything
 * is read before anything is asked.
 *
 * @param training the cases that are given traces
 * @param others val.jsonl and test.jsonl, where they are there; they stay as they are
 */
record SourceCases(CaseFile training, List<CaseFile> others) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws CaseException when there are none, or a line cannot be used */
    static SourceCases read(Path source) {
        if (!Files.isDirectory(source)) {
            return new SourceCases(CaseFile.read(source), List.of());
        }
        List<CaseFile> others = new ArrayList<>();
        for (String name : CaseLibrary.FILES) {
            if (!name.equals(CaseLibrary.TRAINING_FILE) && Files.exists(source.resolve(name))) {
                others.add(CaseFile.read(source.resolve(name)));
            }
        }
        return new SourceCases(CaseFile.read(source.resolve(CaseLibrary.TRAINING_FILE)), others);
    }

    /** Those of every file. */
    List<Case> all() {
        List<Case> all = new ArrayList<>(training.cases());
        others.forEach(file -> all.addAll(file.cases()));
        return all;
    }

    /** Writes a directory of the same cases, each with the traces that were kept beside those that it had. */
    void write(Path out, List<TraceOutcome> outcomes) throws IOException {
        Map<String, List<TraceOutcome>> kept = new HashMap<>();
        outcomes.stream()
                .filter(TraceOutcome::kept)
                .forEach(outcome -> kept.computeIfAbsent(outcome.id(), id -> new ArrayList<>())
                        .add(outcome));
        copyImages(training, out);
        for (CaseFile other : others) {
            copyImages(other, out);
            AtomicFile.write(
                    out.resolve(Objects.requireNonNull(other.path().getFileName())), Files.readString(other.path()));
        }
        StringBuilder lines = new StringBuilder();
        for (CaseLine line : CaseFile.lines(training.path())) {
            lines.append(traced(line, kept.getOrDefault(String.valueOf(line.id()), List.of())))
                    .append('\n');
        }
        AtomicFile.write(out.resolve(CaseLibrary.TRAINING_FILE), lines.toString());
    }

    /** A line as it is, fields that nobody here knows included. */
    private static String traced(CaseLine line, List<TraceOutcome> kept) {
        if (kept.isEmpty()) {
            return line.text();
        }
        try {
            ObjectNode of = (ObjectNode) JSON.readTree(line.text());
            ObjectNode traces = of.path("traces").isObject() ? (ObjectNode) of.get("traces") : of.putObject("traces");
            kept.forEach(outcome -> traces.put(outcome.perspective(), outcome.trace()));
            return JSON.writeValueAsString(of);
        } catch (JsonProcessingException e) {
            throw new CaseException(line.file() + ":" + line.number() + ": was changed while it was read", e);
        }
    }

    private static void copyImages(CaseFile from, Path out) throws IOException {
        for (Case each : from.cases()) {
            for (String image : each.images()) {
                Path target = Objects.requireNonNull(
                        DirectoryBounds.inside(out.toAbsolutePath().normalize(), image));
                if (!Files.exists(target)) {
                    Files.createDirectories(Objects.requireNonNull(target.getParent()));
                    Files.copy(from.image(image), target);
                }
            }
        }
    }
}
