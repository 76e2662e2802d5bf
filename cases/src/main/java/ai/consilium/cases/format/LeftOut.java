package ai.consilium.cases.format;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A case that a cleaned or imported directory lacks, and why: a line of left-out.jsonl.
 *
 * @param file name of the file that it stands in
 * @param line from 1
 * @param id or null where none could be read
 */
public record LeftOut(String file, int line, @Nullable String id, List<String> reasons) {
    /** What the list is called, beside the case files. */
    public static final String FILE = "left-out.jsonl";

    private static final JsonMapper JSON = JsonMapper.builder()
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .build();

    public LeftOut {
        reasons = List.copyOf(reasons);
    }

    /** Writes the list into a directory. */
    public static void write(Path directory, List<LeftOut> list) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (LeftOut each : list) {
            lines.append(JSON.writeValueAsString(each)).append('\n');
        }
        Files.writeString(directory.resolve(FILE), lines);
    }
}
