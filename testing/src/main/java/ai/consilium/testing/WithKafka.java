package ai.consilium.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Puts a running {@link EmbeddedCluster} into a static field before the class's {@code @BeforeAll} methods. All test
 * classes of one JVM share a cluster, so each test makes a run of its own on it ({@link EmbeddedCluster#run}); it stops
 * when the last class is done.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KafkaExtension.class)
public @interface WithKafka {
    /** Whether this class has a cluster to itself: for tests that restart or kill the broker. */
    boolean own() default false;
}
