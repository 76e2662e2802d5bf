package ai.consilium.platform.service;

import java.util.Locale;

/**
 * Something outside this process that keeps a service from its work, or from part of it.
 *
 * @param subject which one: a scorer's name, a server's address
 * @param reason for people
 */
public record Impediment(Kind kind, String subject, String reason) {
    /** What it is. */
    public enum Kind {
        /** A remote scorer does not answer. */
        SCORER_DOWN,
        /** A server that samples does not answer. */
        SERVER_DOWN,
        /** A server does not take an adapter or samples otherwise with it, or an adapter is not what its update names. */
        ADAPTER_REFUSED;

        /** As heartbeats name it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
