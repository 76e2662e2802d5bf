package ai.consilium.cases.importing.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A picture of a row: a file beside it, or bytes in it. */
public sealed interface SourceImage {
    byte[] bytes() throws IOException;

    /** For a name; decoders go by what is in a picture. */
    String extension();

    /** @param path an existing file */
    record OfFile(Path path) implements SourceImage {
        @Override
        public byte[] bytes() throws IOException {
            return Files.readAllBytes(path);
        }

        @Override
        public String extension() {
            String name = String.valueOf(path.getFileName());
            String end = name.substring(name.lastIndexOf('.') + 1);
            return end.matches("[A-Za-z0-9]{1,5}") && !end.equals(name) ? end : "img";
        }
    }

    /** @param content a whole file of pictures */
    record Inline(byte[] content) implements SourceImage {
        @Override
        public byte[] bytes() {
            return content;
        }

        @Override
        public String extension() {
            return content.length > 1 && content[0] == (byte) 0xFF
                    ? "jpg"
                    : content.length > 1 && content[0] == 'R' ? "webp" : "png";
        }
    }
}
