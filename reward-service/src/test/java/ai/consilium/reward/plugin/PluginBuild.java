package ai.consilium.reward.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Makes jars of source text, as the authors of plug-ins do. */
public final class PluginBuild {
    private static final String SERVICE = "META-INF/services/ai.consilium.reward.scorer.ScorerType";

    private PluginBuild() {}

    /**
     * A plug-in's jar.
     *
     * @param type its class
     * @param sources by class
     * @param libraries that they are compiled against, beside this program
     */
    public static Path plugin(Path jar, String type, Map<String, String> sources, Path... libraries)
            throws IOException {
        return jar(jar, compiled(sources, libraries), Map.of(SERVICE, type + "\n"));
    }

    /** A jar of classes alone. */
    static Path library(Path jar, Map<String, String> sources) throws IOException {
        return jar(jar, compiled(sources), Map.of());
    }

    private static Path compiled(Map<String, String> sources, Path... libraries) throws IOException {
        Path classes = Files.createTempDirectory("classes");
        String path = String.join(
                ":",
                Stream.concat(
                                Stream.of(System.getProperty("java.class.path")),
                                Stream.of(libraries).map(Path::toString))
                        .toList());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> files = sources.entrySet().stream()
                .map(one -> source(one.getKey(), one.getValue()))
                .toList();
        List<String> options = List.of("-proc:none", "-d", classes.toString(), "-classpath", path);
        if (!compiler.getTask(null, null, null, options, null, files).call()) {
            throw new IllegalArgumentException("the sources of a plug-in do not compile");
        }
        return classes;
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(
                URI.create("string:///" + name.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static Path jar(Path jar, Path classes, Map<String, String> resources) throws IOException {
        Files.createDirectories(Objects.requireNonNull(jar.toAbsolutePath().getParent()));
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> compiled = Files.walk(classes)) {
            for (Path one : compiled.filter(Files::isRegularFile).sorted().toList()) {
                put(out, classes.relativize(one).toString(), Files.readAllBytes(one));
            }
            for (Map.Entry<String, String> resource : resources.entrySet()) {
                put(out, resource.getKey(), resource.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
        JarEntry entry = new JarEntry(name);
        entry.setTime(0);
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
    }
}
