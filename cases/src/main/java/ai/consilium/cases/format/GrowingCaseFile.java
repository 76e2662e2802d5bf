package ai.consilium.cases.format;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A case file that lines may be added to, as it was read once. What it was before is a beginning of it that ends with a line,
 * named by its SHA-256, and can be taken for itself: a line that cannot be used matters only to those who take it.
 */
public final class GrowingCaseFile {
    private final Path path;
    private final String sha256;
    private final boolean unfinished;
    private final List<End> ends;
    private final List<CaseLine> lines;
    /** By id, which of the cases it is, from 0. */
    private final Map<String, Integer> places = new HashMap<>();

    /**
     * The end of a line.
     *
     * @param open SHA-256 of everything before it
     * @param closed the same with it; null where the file ends without one
     */
    private record End(byte[] open, byte @Nullable [] closed) {
        boolean at(byte[] digest) {
            return Arrays.equals(open, digest) || closed != null && Arrays.equals(closed, digest);
        }

        boolean same(End other) {
            return closed == null || other.closed == null
                    ? Arrays.equals(open, other.open)
                    : Arrays.equals(closed, other.closed);
        }
    }

    private GrowingCaseFile(Path path, byte[] bytes) {
        this.path = path;
        this.sha256 = DigestUtils.sha256Hex(bytes);
        this.unfinished = bytes.length > 0 && bytes[bytes.length - 1] != '\n';
        this.ends = ends(bytes);
        this.lines = CaseFile.lines(path, bytes).stream()
                .map(GrowingCaseFile::withoutText)
                .toList();
        int place = 0;
        for (CaseLine line : lines) {
            if (line.read() != null) {
                places.putIfAbsent(line.read().id(), place++);
            }
        }
    }

    /** Reads it. @throws CaseException when it cannot be read; lines are refused when they are taken */
    public static GrowingCaseFile read(Path path) {
        return new GrowingCaseFile(path, CaseFile.bytes(path));
    }

    /** A file is held for as long as its run goes on. */
    private static CaseLine withoutText(CaseLine line) {
        return new CaseLine(line.file(), line.number(), "", line.id(), line.read(), line.problems());
    }

    private static List<End> ends(byte[] bytes) {
        List<End> ends = new ArrayList<>();
        MessageDigest digest = DigestUtils.getSha256Digest();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                int end = i > from && bytes[i - 1] == '\r' ? i - 1 : i;
                digest.update(bytes, from, end - from);
                byte[] open = sofar(digest);
                digest.update(bytes, end, i + 1 - end);
                ends.add(new End(open, sofar(digest)));
                from = i + 1;
            }
        }
        if (from < bytes.length) {
            digest.update(bytes, from, bytes.length - from);
            ends.add(new End(sofar(digest), null));
        }
        return ends;
    }

    private static byte[] sofar(MessageDigest digest) {
        try {
            return ((MessageDigest) digest.clone()).digest();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** SHA-256 (hex) of all of it. */
    public String sha256() {
        return sha256;
    }

    /** Every line that is not blank, read or refused. */
    public List<CaseLine> lines() {
        return lines;
    }

    /** Whether its last line has no end: somebody may be writing it. */
    public boolean unfinished() {
        return unfinished;
    }

    /** All of it. @throws CaseException at the first line that cannot be used */
    public CaseFile whole() {
        return taken(sha256, ends.size());
    }

    /** Its lines that have an end. @throws CaseException at the first that cannot be used */
    public CaseFile finished() {
        return upTo(finishedLines());
    }

    /** All of it, or the lines before the first that cannot be used. */
    public CaseFile usable() {
        return lines.stream()
                .filter(line -> line.read() == null)
                .findFirst()
                .map(refused -> upTo(refused.number() - 1))
                .orElseGet(this::whole);
    }

    private CaseFile upTo(int last) {
        byte[] closed = last == 0 ? null : ends.get(last - 1).closed();
        return taken(
                closed == null
                        ? DigestUtils.sha256Hex(new byte[0])
                        : HexFormat.of().formatHex(closed),
                last);
    }

    /**
     * The beginning that has this SHA-256 (hex).
     *
     * @return empty where none has
     * @throws CaseException at its first line that cannot be used
     */
    public Optional<CaseFile> beginning(String wanted) {
        if (wanted.equals(sha256)) {
            return Optional.of(whole());
        }
        int last = lastLine(wanted);
        return last == 0 ? Optional.empty() : Optional.of(taken(wanted, last));
    }

    /** Number of the last line of a beginning; 0 without such a beginning. */
    private int lastLine(String wanted) {
        byte[] digest;
        try {
            digest = HexFormat.of().parseHex(wanted);
        } catch (IllegalArgumentException none) {
            return 0;
        }
        for (int i = 0; i < ends.size(); i++) {
            if (ends.get(i).at(digest)) {
                return i + 1;
            }
        }
        return 0;
    }

    /** Whether it has a beginning with this SHA-256 (hex), whatever its lines are. */
    public boolean has(String wanted) {
        return wanted.equals(sha256) || lastLine(wanted) > 0;
    }

    /** Lines behind a beginning that have an end and are not blank, whether they can be used or not. */
    public List<CaseLine> behind(String beginning) {
        int last = lastLine(beginning);
        return lines.stream()
                .filter(line -> line.number() > last && line.number() <= finishedLines())
                .toList();
    }

    private int finishedLines() {
        return ends.size() - (unfinished ? 1 : 0);
    }

    /** Which case of the file an id is, from 0: a beginning has it if it has more cases. */
    public Optional<Integer> place(String id) {
        return Optional.ofNullable(places.get(id));
    }

    /** Number of the first line of this file that is another one in a later reading, or not there; 0 where all are there. */
    public int firstChange(GrowingCaseFile later) {
        for (int i = 0; i < ends.size(); i++) {
            if (i >= later.ends.size() || !ends.get(i).same(later.ends.get(i))) {
                return i + 1;
            }
        }
        return 0;
    }

    private CaseFile taken(String hash, int lastLine) {
        return new CaseFile(
                path,
                hash,
                lines.stream()
                        .filter(line -> line.number() <= lastLine)
                        .map(CaseLine::orThrow)
                        .toList());
    }
}
