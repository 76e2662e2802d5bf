package ai.consilium.cases.importing;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Fields;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which specialty a set's own word means.
 *
 * @param byWord in lower case; empty takes the words as they are
 * @param otherwise what has no word, or none of these; empty where there is no such specialty
 */
public record Specialties(Map<String, String> byWord, String otherwise) {
    /** Names of topics and directories are made of it. */
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}";

    /** Keeps a copy. @throws CaseException for a name that no run could take */
    public Specialties {
        byWord = Map.copyOf(byWord);
        byWord.values().forEach(Specialties::require);
        if (!otherwise.isEmpty()) {
            require(otherwise);
        }
    }

    /**
     * From the options of a command line.
     *
     * @param map YAML file of words and specialties, or null
     * @param one specialty of what the map does not tell, or null
     * @throws CaseException naming the file and the word
     */
    public static Specialties of(@Nullable Path map, @Nullable String one) {
        Map<String, String> byWord = new HashMap<>();
        if (map != null) {
            try {
                JsonNode root = YAMLMapper.builder().build().readTree(map.toFile());
                if (root == null || !root.isObject()) {
                    throw new CaseException("must hold lines such as  Nervous: brain_senses");
                }
                for (String word : (Iterable<String>) root::fieldNames) {
                    byWord.put(word.strip().toLowerCase(Locale.ROOT), new Fields(root, "").name(word));
                }
                return new Specialties(byWord, one == null ? "" : one);
            } catch (CaseException e) {
                throw new CaseException(map + ": " + e.getMessage(), e);
            } catch (IOException e) {
                String problem =
                        String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                throw new CaseException(map + ": cannot be read: " + problem, e);
            }
        }
        return new Specialties(byWord, one == null ? "" : one);
    }

    /** The specialty of a word; empty where nothing says which. */
    Optional<String> named(String word) {
        String mapped = byWord.get(word.strip().toLowerCase(Locale.ROOT));
        if (mapped != null) {
            return Optional.of(mapped);
        }
        if (!otherwise.isEmpty()) {
            return Optional.of(otherwise);
        }
        return byWord.isEmpty() ? Optional.of(asName(word)).filter(name -> !name.isEmpty()) : Optional.empty();
    }

    /** {@code Skeletal System} becomes {@code skeletal_system}. */
    private static String asName(String word) {
        String plain = Normalizer.normalize(word, Normalizer.Form.NFKD)
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\p{M}", "")
                .replaceAll("[^a-z0-9]+", "_")
                .replaceAll("^_+|_+$", "");
        return plain.length() > 64 ? plain.substring(0, 64) : plain;
    }

    private static void require(String specialty) {
        if (!specialty.matches(NAME)) {
            throw new CaseException("specialty '" + specialty + "' must consist of letters, digits, _ and -");
        }
    }
}
