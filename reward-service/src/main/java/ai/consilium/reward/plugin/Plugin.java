package ai.consilium.reward.plugin;

import ai.consilium.platform.UsageException;
import ai.consilium.reward.scorer.ScorerType;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A jar, or a directory of jars, with types of scorers.
 *
 * @param sha256 of the jar; of several, of their names and hashes
 */
record Plugin(Path place, String sha256, List<ScorerType> types) {
    private static final String SERVICE = "META-INF/services/" + ScorerType.class.getName();
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    /** By what they contain: a class that was loaded once stays what the definitions of this process are made of. */
    private static final Map<String, List<ScorerType>> LOADED = new ConcurrentHashMap<>();

    static boolean isJar(Path file) {
        return file.getFileName().toString().endsWith(".jar") && Files.isRegularFile(file);
    }

    /** Loads it. @throws UsageException naming it, and why it cannot be used */
    static Plugin of(Path place) {
        List<Path> jars = jars(place);
        String sha256 = hash(place, jars);
        return new Plugin(place, sha256, LOADED.computeIfAbsent(sha256, absent -> load(place, jars)));
    }

    private static List<Path> jars(Path place) {
        if (!Files.isDirectory(place)) {
            return List.of(place);
        }
        try (Stream<Path> files = Files.list(place)) {
            List<Path> jars = files.filter(Plugin::isJar).sorted().toList();
            if (jars.isEmpty()) {
                throw refusal(place, "contains no jar", null);
            }
            return jars;
        } catch (IOException e) {
            throw refusal(place, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static String hash(Path place, List<Path> jars) {
        List<String> hashes = new ArrayList<>();
        for (Path jar : jars) {
            try (InputStream bytes = Files.newInputStream(jar)) {
                hashes.add(DigestUtils.sha256Hex(bytes));
            } catch (IOException e) {
                throw refusal(jar, "cannot be read: " + e.getMessage(), e);
            }
        }
        return Files.isDirectory(place)
                ? DigestUtils.sha256Hex(jars.stream()
                        .map(jar -> jar.getFileName() + " " + hashes.get(jars.indexOf(jar)))
                        .collect(Collectors.joining("\n")))
                : hashes.get(0);
    }

    private static List<ScorerType> load(Path place, List<Path> jars) {
        List<URL> urls = jars.stream().map(Plugin::url).toList();
        if (jars.stream().noneMatch(Plugin::declaresTypes)) {
            throw refusal(place, "declares no type of scorer: " + SERVICE + " is missing", null);
        }
        ClassLoader own =
                new PluginClassLoader("plugin-" + place.getFileName(), urls, ScorerType.class.getClassLoader());
        try {
            List<ScorerType> types = ServiceLoader.load(ScorerType.class, own).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
            types.forEach(type -> check(place, type));
            return types;
        } catch (ServiceConfigurationError | LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw refusal(place, "cannot be loaded, perhaps because it was built against another version: " + cause, e);
        }
    }

    private static void check(Path place, ScorerType type) {
        String of = "type " + type.getClass().getName();
        if (type.api() != ScorerType.API) {
            String built = type.api() == 0
                    ? "does not say which version of the scorer API it was built against: let api() return API"
                    : "was built against version " + type.api() + " of the scorer API, this is version "
                            + ScorerType.API + ": build it again with the jars of this installation";
            throw refusal(place, of + " " + built, null);
        }
        if (!NAME.matcher(String.valueOf(type.name())).matches()) {
            throw refusal(place, of + " has the name '" + type.name() + "': lower case letters, digits, - and _", null);
        }
        if (!type.keys().isRecord() || !type.definition().isRecord()) {
            throw refusal(place, of + ": its keys and its definition must be records", null);
        }
    }

    private static boolean declaresTypes(Path jar) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.getEntry(SERVICE) != null;
        } catch (IOException e) {
            throw refusal(jar, "is no jar that can be read: " + e.getMessage(), e);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static UsageException refusal(Path place, String why, @Nullable Throwable cause) {
        String message = "reward.plugins: " + place + " " + why;
        return cause == null ? new UsageException(message) : new UsageException(message, cause);
    }
}
