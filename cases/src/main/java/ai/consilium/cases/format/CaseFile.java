package ai.consilium.cases.format;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
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

    /** What editors of some systems put before UTF-8 text; it is no part of the first line. */
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /** Keeps a copy. */
    public CaseFile {
        cases = List.copyOf(cases);
    }

    /** Reads and checks. Blank lines are passed over. @throws CaseException at the first line that cannot be used */
    public static CaseFile read(Path path) {
        return GrowingCaseFile.read(path).whole();
    }

    /** Every line that is not blank, read or refused. @throws CaseException when there is no such file */
    public static List<CaseLine> lines(Path path) {
        return lines(path, bytes(path));
    }

    static List<CaseLine> lines(Path path, byte[] bytes) {
        CaseReader reader = new CaseReader(path);
        List<CaseLine> lines = new ArrayList<>();
        int from = startsWithMark(bytes) ? BYTE_ORDER_MARK.length : 0;
        for (int number = 1; from <= bytes.length; number++) {
            int end = from;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            byte[] line = Arrays.copyOfRange(bytes, from, end > from && bytes[end - 1] == '\r' ? end - 1 : end);
            if (!blank(line)) {
                lines.add(reader.line(number, line));
            }
            from = end + 1;
        }
        return lines;
    }

    private static boolean startsWithMark(byte[] bytes) {
        return bytes.length >= BYTE_ORDER_MARK.length
                && Arrays.equals(bytes, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
    }

    private static boolean blank(byte[] line) {
        for (byte symbol : line) {
            if (symbol != ' ' && symbol != '\t') {
                return false;
            }
        }
        return true;
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

    /** A case as a line of a file, without its end. */
    public static byte[] json(Case of) {
        try {
            return JSON.writeValueAsBytes(of);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of text are always writable", e);
        }
    }

    /** A case by id. */
    public Optional<Case> find(String id) {
        return cases.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    /** Absolute path of a case's image. @throws CaseException when it leads out of the file's directory */
    public Path image(String relative) {
        return image(path, relative);
    }

    /** The same of a case of some file. */
    public static Path image(Path path, String relative) {
        Path image = DirectoryBounds.inside(DirectoryBounds.of(path), relative);
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
        return imagesSha256(CaseFile::digest);
    }

    /** The same of pictures that were read before. @param digest SHA-256 of a picture's bytes */
    public String imagesSha256(Function<Path, byte[]> digest) {
        MessageDigest all = DigestUtils.getSha256Digest();
        for (String image : new TreeSet<>(
                cases.stream().flatMap(each -> each.images().stream()).toList())) {
            all.update((image + "\0").getBytes(StandardCharsets.UTF_8));
            all.update(digest.apply(image(image)));
        }
        return HexFormat.of().formatHex(all.digest());
    }

    /** SHA-256 of a picture's bytes. @throws CaseException when it cannot be read */
    public static byte[] digest(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return DigestUtils.sha256(in);
        } catch (IOException e) {
            throw new CaseException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new CaseException(path + ": no such case file", e);
        } catch (IOException e) {
            throw new CaseException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
