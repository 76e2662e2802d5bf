package ai.consilium.cli.ablation;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.ConfigLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A file of rows, and the choice of them.
 *
 * @param rows in the order of the table
 */
public record AblationRows(List<AblationRow> rows) {
    private static final String BUILT_IN = "ai/consilium/cli/ablation/rows.yaml";

    /** The file of the built-in rows, as it is. */
    public static String builtIn() {
        ClassLoader loader = AblationRows.class.getClassLoader();
        try (InputStream stream = Objects.requireNonNull(loader.getResourceAsStream(BUILT_IN))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The rows that are asked for. One of the user's own takes the place of a built-in one with its name.
     *
     * @param files of rows
     * @param own {@code NAME=KEY=VALUE,KEY=VALUE}
     * @param names in order; empty takes all
     * @throws UsageException naming a row that there is not, or what is wrong with one of the user's own
     */
    public static List<AblationRow> choose(List<Path> files, List<String> own, List<String> names) {
        Map<String, AblationRow> known = new LinkedHashMap<>();
        read(List.of()).forEach(row -> known.put(row.name(), row));
        for (Path file : files) {
            read(List.of(file)).forEach(row -> known.put(row.name(), row));
        }
        own.stream().map(AblationRows::parse).forEach(row -> known.put(row.name(), row));
        List<AblationRow> chosen = new ArrayList<>();
        for (String name : names.isEmpty() ? known.keySet() : names) {
            AblationRow row = known.get(name);
            if (row == null) {
                throw new UsageException("--rows: there is no row " + name + "; there are "
                        + String.join(", ", known.keySet()) + ", and --row adds one");
            }
            if (chosen.contains(row)) {
                throw new UsageException("--rows: " + name + " is given twice");
            }
            chosen.add(row);
        }
        AblationRow merged = Objects.requireNonNull(known.get(AblationRow.MERGED));
        if (!chosen.contains(merged)
                && chosen.stream().anyMatch(row -> !row.kind().trains())) {
            // Its experts are needed anyway.
            chosen.add(merged);
        }
        return List.copyOf(chosen);
    }

    private static List<AblationRow> read(List<Path> files) {
        return ConfigLoader.load(AblationRows.class, List.of(BUILT_IN), files, Map.of(), List.of())
                .rows();
    }

    private static AblationRow parse(String own) {
        int sign = own.indexOf('=');
        if (sign < 1) {
            throw new UsageException("--row: '" + own + "' is not NAME=KEY=VALUE,KEY=VALUE");
        }
        // A comma within a value, as in a list, is not followed by a key.
        List<String> set = Arrays.asList(own.substring(sign + 1).split(",(?=[a-z][a-z0-9_.]*=)"));
        try {
            return new AblationRow(own.substring(0, sign).strip(), set);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--row: " + e.getMessage(), e);
        }
    }
}
