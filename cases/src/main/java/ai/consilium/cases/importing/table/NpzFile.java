package ai.consilium.cases.importing.table;

import ai.consilium.cases.format.CaseException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A file of arrays by name, as numpy's savez writes it: a zip archive. */
public final class NpzFile implements AutoCloseable {
    private static final String ENDING = ".npy";

    private final String name;
    private final ZipFile zip;

    private NpzFile(String name, ZipFile zip) {
        this.name = name;
        this.zip = zip;
    }

    /** Opens one. @throws CaseException when it is none, or not all of one */
    public static NpzFile open(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        try {
            return new NpzFile(name, new ZipFile(file.toFile()));
        } catch (ZipException e) {
            throw new CaseException(name + ": is no npz file, or is cut off: " + e.getMessage(), e);
        }
    }

    /** Whether there is an array of that name. */
    public boolean has(String array) {
        return zip.getEntry(array + ENDING) != null;
    }

    /** An array, which the caller closes. @throws CaseException when it is not there or is no array */
    public NpyArray array(String array) throws IOException {
        ZipEntry entry = zip.getEntry(array + ENDING);
        if (entry == null) {
            throw new CaseException(name + ": holds no array '" + array + "'");
        }
        return NpyArray.open(name + ":" + array, new BufferedInputStream(zip.getInputStream(entry), 1 << 16));
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
