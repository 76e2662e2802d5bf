package ai.consilium.platform.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On an {@link Inline} component whose type is an interface: which record it is, and so which keys the section has, depends
 * on the value of another of its keys. With a value that names no record the component is null: the outer record refuses the
 * value itself.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Variant {
    /** The other key. */
    String by();

    /** The records that there are; a class with a public constructor without parameters. */
    Class<? extends Variants> of();
}
