package ai.consilium.platform.kafka;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.Secrets;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;

/** Why a broker cannot be used, by the key that decides it: Kafka's clients only say that time has run out. */
final class BrokerRefusal {
    private static final int TIMEOUT_MS = 3_000;
    private static final String RECIPE = " (docs/OPERATIONS.md, Security)";

    /** What an address answers to the first bytes of TLS. */
    private enum Listener {
        NONE,
        PLAIN,
        TLS
    }

    private final String servers;
    private final String protocol;
    private final Throwable cause;
    private final Listener listener;

    private BrokerRefusal(KafkaSettings settings, Map<String, Object> connection, Throwable cause) {
        this.servers = settings.bootstrapServers();
        this.protocol = String.valueOf(connection.getOrDefault("security.protocol", "PLAINTEXT"));
        this.cause = cause;
        this.listener = listener();
    }

    /** Of settings with which no client can be made. */
    static UsageException ofSettings(KafkaSettings settings, Throwable cause) {
        if (cause instanceof ConfigException) {
            return noBroker(settings.bootstrapServers(), cause, "");
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String why = root == cause ? oneLine(cause) : oneLine(cause) + ": " + oneLine(root);
        return new UsageException("kafka: no client can be made of these settings (" + why + ")", cause);
    }

    /** Of a broker that was asked. @param connection what it was asked with */
    static BrokerRefusal of(KafkaSettings settings, Map<String, Object> connection, ExecutionException failure) {
        return new BrokerRefusal(settings, connection, failure.getCause() == null ? failure : failure.getCause());
    }

    /** Whether something listens in the right way and has only not answered yet. */
    boolean mayBeBusy() {
        boolean fits = protocol.endsWith("SSL") ? listener == Listener.TLS : listener == Listener.PLAIN;
        return cause instanceof TimeoutException && fits;
    }

    /** What is wrong, for the user. */
    UsageException explained() {
        if (cause instanceof UnsupportedSaslMechanismException) {
            return refusal("kafka.sasl.mechanism", "takes no such login");
        }
        if (cause instanceof SaslAuthenticationException) {
            return refusal("kafka.sasl.jaas.config", "refuses the login");
        }
        if (listener == Listener.PLAIN && protocol.endsWith("SSL")) {
            return refusal("kafka.security.protocol", "does not speak TLS, so it cannot be " + protocol);
        }
        if (cause instanceof SslAuthenticationException) {
            return refusal(
                    "kafka.ssl.truststore.location",
                    "has a certificate that is not trusted, or does not trust this one's");
        }
        if (listener == Listener.TLS && !protocol.endsWith("SSL")) {
            return refusal(
                    "kafka.security.protocol",
                    "asks for TLS: set SSL, or SASL_SSL for a login too, and kafka.ssl.truststore.type PEM with"
                            + " kafka.ssl.truststore.location for the certificate of its authority" + RECIPE);
        }
        boolean login = listener != Listener.NONE && !protocol.startsWith("SASL");
        return noBroker(
                servers,
                cause,
                login
                        ? "; something listens there: if it asks for a login, set kafka.security.protocol to "
                                + (listener == Listener.TLS ? "SASL_SSL" : "SASL_PLAINTEXT") + RECIPE
                        : "");
    }

    private UsageException refusal(String key, String what) {
        return new UsageException(key + ": the broker at " + servers + " " + what + " (" + oneLine(cause) + ")", cause);
    }

    private static UsageException noBroker(String servers, Throwable cause, String hint) {
        return new UsageException(
                "kafka.bootstrap.servers: no broker answers at " + servers + " (" + oneLine(cause) + ")" + hint, cause);
    }

    /** Of the first address where something listens. */
    private Listener listener() {
        for (String server : servers.split(",", -1)) {
            int colon = server.lastIndexOf(':');
            try {
                String host = server.substring(0, colon).strip().replaceAll("^\\[|]$", "");
                Listener found = listener(new InetSocketAddress(
                        host, Integer.parseInt(server.substring(colon + 1).strip())));
                if (found != Listener.NONE) {
                    return found;
                }
            } catch (IndexOutOfBoundsException | IllegalArgumentException unreadable) {
                // Kafka's own message names it.
            }
        }
        return Listener.NONE;
    }

    private static Listener listener(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            return speaksTls(socket, address) ? Listener.TLS : Listener.PLAIN;
        } catch (IOException | RuntimeException nobody) {
            return Listener.NONE;
        }
    }

    /** Whose certificate it is does not matter here: one that is not trusted is TLS too. */
    private static boolean speaksTls(Socket socket, InetSocketAddress address) {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        try (SSLSocket tls =
                (SSLSocket) factory.createSocket(socket, address.getHostString(), address.getPort(), false)) {
            tls.startHandshake();
            return true;
        } catch (SSLException e) {
            boolean closed = e.getCause() instanceof EOFException;
            boolean other = String.valueOf(e.getMessage()).contains("Unsupported or unrecognized SSL message");
            return !closed && !other;
        } catch (IOException e) {
            return false;
        }
    }

    /** The first line of what an exception says, without what stands for a user in an address. */
    static String oneLine(Throwable e) {
        String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return Secrets.withoutUser(text).lines().findFirst().orElse("");
    }
}
