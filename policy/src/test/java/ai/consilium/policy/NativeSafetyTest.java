package ai.consilium.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps operations out of the sources that corrupt memory, lose gradients in silence or abort the process. */
class NativeSafetyTest {
    private static final Path SOURCES = Path.of("src", "main", "java");

    /** Each was seen to do what it says, on DJL 0.35.1 with PyTorch 2.7.1. */
    private static final Map<String, String> BANNED = new LinkedHashMap<>();

    static {
        BANNED.put("\\.(mul|div|add|sub|pow)i?\\(", "a number as operand is freed before the backward pass reads it");
        BANNED.put("\\.toType\\(", "cuts the graph in silence, and aborts the process for bfloat16");
        BANNED.put("\\.duplicate\\(", "cuts the graph in silence");
        BANNED.put("BFLOAT16", "bfloat16 arrays abort the process outside of scripts");
        BANNED.put("\\.(softmax|logSoftmax)\\(", "aborts the process for bfloat16");
        BANNED.put("NDList\\.decode", "aborts the process for bfloat16");
        BANNED.put("GradientCollector", "only one may exist in a process");
        BANNED.put("\\.getGradient\\(", "adds an array to the parameter's manager at every call");
        BANNED.put("\\.clip\\(", "leaves two arrays in the manager");
        BANNED.put("optClipGrad", "clips one side only");
    }

    /** Scope copies what Java gave into memory of libtorch's own, before there is any graph. */
    private static boolean allowed(Path file, String pattern) {
        return file.endsWith("Scope.java") && pattern.contains("duplicate");
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static List<String> code(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.strip().startsWith("*")
                        && !line.strip().startsWith("/")
                        && !line.contains("digest.")
                        && !line.contains("sums."))
                .toList();
    }

    @Test
    void givenTheSourcesThenNoOperationIsCalledThatCorruptsOrAborts() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources()) {
            // Arrays are DJL's only behind this door: elsewhere add() is a collection's.
            boolean door = Files.readString(file).contains("import ai.djl.ndarray")
                    || Files.readString(file).contains("import ai.djl.pytorch");
            for (Map.Entry<String, String> ban : BANNED.entrySet()) {
                boolean ofCollections = ban.getKey().contains("add");
                if (allowed(file, ban.getKey()) || (ofCollections && !door)) {
                    continue;
                }
                code(file).stream()
                        .filter(Pattern.compile(ban.getKey()).asPredicate())
                        .filter(line ->
                                !ofCollections || (!line.contains("results.add(") && !line.contains("into.add(")))
                        .forEach(line -> found.add(file + ": " + line.strip() + ": " + ban.getValue()));
            }
        }
        assertThat(sources()).hasSizeGreaterThan(30);
        assertThat(found).isEmpty();
    }

    @Test
    void givenTheSourcesThenArraysOfDjlStayBehindTheOneDoor() throws IOException {
        List<Path> outside = new ArrayList<>();
        for (Path file : sources()) {
            Path parent = java.util.Objects.requireNonNull(file.getParent());
            boolean door = parent.endsWith("torch") || parent.endsWith("jni");
            if (!door && Files.readString(file).matches("(?s).*import ai\\.djl\\.(ndarray|pytorch|engine).*")) {
                outside.add(file);
            }
        }
        assertThat(outside).isEmpty();
    }
}
