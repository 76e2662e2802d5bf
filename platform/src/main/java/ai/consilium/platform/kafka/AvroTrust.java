package ai.consilium.platform.kafka;

import ai.consilium.schemas.Topics;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro 1.12.2 instantiates no class that it is not told to trust. This tells it, once a process, to trust the records of
 * the catalogue beside what it trusts already.
 */
final class AvroTrust {
    private static final String RECORDS = Topics.class.getPackageName();

    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(RECORDS)));
    }

    private AvroTrust() {}

    /** Returns once the records are trusted. */
    static void establish() {
        // The work is the class's initialisation, which happens once.
    }
}
