package ai.consilium.cli.trace;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.platform.UsageException;
import ai.consilium.runlog.provenance.TracedGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * The images of the cases that were traced, by hash. The log names cases by file and hash; their images are read where the
 * files lie.
 *
 * @param byCase images by case id, for cases whose file is here
 * @param missing why there are none of the others; null where all are here
 */
public record CaseImages(
        Map<String, List<Image>> byCase, @Nullable String missing) {
    /**
     * One image.
     *
     * @param file as its case names it
     * @param sha256 of its bytes, lower-case hex
     */
    public record Image(String file, String sha256) {}

    /**
     * Reads them.
     *
     * @param data root of the case files; empty where it is not known
     */
    public static CaseImages of(List<TracedGroup> groups, Optional<Supplier<Path>> data) {
        if (data.isEmpty()) {
            return new CaseImages(Map.of(), "data_root is not set");
        }
        Map<String, List<Image>> byCase = new TreeMap<>();
        String missing = null;
        try {
            CaseLibrary library = new CaseLibrary(data.get().get());
            for (TracedGroup group : groups) {
                TracedGroup.CaseName name = group.caseName();
                if (!byCase.containsKey(name.id())) {
                    Case found = library.resolve(name.file(), name.fileSha256(), name.id());
                    byCase.put(name.id(), hashed(found, library.images(name.file(), found)));
                }
            }
        } catch (CaseException | UsageException | IOException e) {
            missing = String.valueOf(e.getMessage());
        }
        return new CaseImages(byCase, missing);
    }

    private static List<Image> hashed(Case of, List<Path> files) throws IOException {
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            try (InputStream bytes = Files.newInputStream(files.get(i))) {
                images.add(new Image(of.images().get(i), DigestUtils.sha256Hex(bytes)));
            }
        }
        return images;
    }
}
