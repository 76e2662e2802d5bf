package ai.consilium.testing;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.platform.commons.support.AnnotationSupport;

/** Starts the cluster of each field marked {@link WithKafka}; JUnit closes it with the store that holds it. */
final class KafkaExtension implements BeforeAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(KafkaExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) throws IllegalAccessException {
        for (Field field : AnnotationSupport.findAnnotatedFields(context.getRequiredTestClass(), WithKafka.class)) {
            if (!Modifier.isStatic(field.getModifiers()) || field.getType() != EmbeddedCluster.class) {
                throw new ExtensionConfigurationException("@WithKafka: not a static EmbeddedCluster: " + field);
            }
            field.setAccessible(true);
            field.set(null, cluster(context, field.getAnnotation(WithKafka.class)));
        }
    }

    private static EmbeddedCluster cluster(ExtensionContext context, WithKafka wanted) {
        // The session is the JVM's; the root context is not: Surefire hands forks that share work one class at a time.
        Store store =
                wanted.own() ? context.getStore(NAMESPACE) : context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE);
        return store.computeIfAbsent(EmbeddedCluster.class, type -> EmbeddedCluster.start(), EmbeddedCluster.class);
    }
}
