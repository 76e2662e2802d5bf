package ai.consilium.cases.format;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A JSONL file of cases, read whole and checked: broken lines, labels that are no option, missing images, doubled ids
 * are refused by file and line. Reading also accepts the real files of mmed-mini (no evidence, no traces).
 *
 * @param path the file
 * @param sha256 of its bytes, hex
 * @param cases in file order
 */
public record CaseFile(Path path, String sha256, List<Case> cases) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .build();

    /** Keeps a copy. */
    public CaseFile {
        cases = List.copyOf(cases);
    }

    /** Reads and checks. Blank lines are passed over. @throws CaseException */
    public static CaseFile read(Path path) {
        byte[] bytes = bytes(path);
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CaseException(path.getFileName() + ": is not UTF-8 text", e);
        }
        CaseReader reader = new CaseReader(path);
        List<Case> cases = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\r?\n", -1)) {
            number++;
            if (!line.isBlank()) {
                cases.add(reader.line(number, line));
            }
        }
        return new CaseFile(path, DigestUtils.sha256Hex(bytes), cases);
    }

    /** Writes cases as JSONL; the file appears once it is whole. Images are written by whoever makes them. */
    public static void write(Path path, List<Case> cases) {
        StringBuilder lines = new StringBuilder();
        try {
            for (Case each : cases) {
                lines.append(JSON.writeValueAsString(each)).append('\n');
            }
            Path aside = path.resolveSibling(path.getFileName() + ".part");
            Files.writeString(aside, lines);
            Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of text are always writable", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A case by id. */
    public Optional<Case> find(String id) {
        return cases.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    /** Absolute path of a case's image. @throws CaseException when it leads out of the file's directory */
    public Path image(String relative) {
        Path image = CaseReader.inside(CaseReader.directory(path), relative);
        if (image == null) {
            throw new CaseException(
                    path.getFileName() + ": image '" + relative + "' is outside the directory of the case file");
        }
        return image;
    }

    /**
     * SHA-256 (hex) of the pictures that its cases show: of their paths in order, each with the SHA-256 of its bytes.
     *
     * @throws CaseException when one cannot be read
     */
    public String imagesSha256() {
        MessageDigest all = DigestUtils.getSha256Digest();
        for (String image : new TreeSet<>(
                cases.stream().flatMap(each -> each.images().stream()).toList())) {
            all.update((image + "\0").getBytes(StandardCharsets.UTF_8));
            all.update(digest(image(image)));
        }
        return HexFormat.of().formatHex(all.digest());
    }

    private static byte[] digest(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return DigestUtils.sha256(in);
        } catch (IOException e) {
            throw new CaseException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new CaseException(path + ": no such case file", e);
        } catch (IOException e) {
            throw new CaseException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
