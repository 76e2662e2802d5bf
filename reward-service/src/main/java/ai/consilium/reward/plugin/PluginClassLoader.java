package ai.consilium.reward.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Classes of one plug-in. Those of the JDK and of what a plug-in and this program speak to each other with come from this
 * program, all others from the plug-in's jars first: whatever version of a library it brings is its own, and no matter to others.
 */
final class PluginClassLoader extends URLClassLoader {
    /** Annotations among them: ours are looked for on the classes of plug-ins. */
    private static final List<String> SHARED =
            List.of("ai.consilium.", "com.fasterxml.jackson.annotation.", "org.jspecify.annotations.", "org.slf4j.");

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader program;

    PluginClassLoader(String name, List<URL> jars, ClassLoader program) {
        super(name, jars.toArray(URL[]::new), program);
        this.program = program;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = SHARED.stream().anyMatch(name::startsWith) ? program.loadClass(name) : ownFirst(name);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private Class<?> ownFirst(String name) throws ClassNotFoundException {
        try {
            return getPlatformClassLoader().loadClass(name);
        } catch (ClassNotFoundException notOfTheJdk) {
            try {
                return findClass(name);
            } catch (ClassNotFoundException notOfThePlugin) {
                return program.loadClass(name);
            }
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        return Objects.requireNonNullElseGet(findResource(name), () -> program.getResource(name));
    }

    /** Its own, or none would be sure which services are the plug-in's. */
    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        List<URL> own = Collections.list(findResources(name));
        return own.isEmpty() ? program.getResources(name) : Collections.enumeration(own);
    }
}
