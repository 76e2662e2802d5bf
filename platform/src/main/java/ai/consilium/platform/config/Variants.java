package ai.consilium.platform.config;

import java.util.Map;

/** The records that a {@link Variant} component may be. */
public interface Variants {
    /** By the value of the key that decides. */
    Map<String, Class<?>> byName();
}
