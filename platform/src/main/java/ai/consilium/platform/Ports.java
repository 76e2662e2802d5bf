package ai.consilium.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Finds out about TCP ports before a server that explains itself badly does. */
public final class Ports {
    private Ports() {}

    /** Whether what listens there can be reached from other machines. A name that is not known is refused later, where it is listened on. */
    public static boolean beyondThisMachine(String host) {
        try {
            return !InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /**
     * Refuses a port that is taken; 0 stands for any and is never taken.
     *
     * @param key configuration key of the port, for the message
     * @throws UsageException when nothing could listen there
     */
    public static void requireFree(String host, int port, String key) {
        if (port == 0) {
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw taken(host, port, key, e);
        }
    }

    static UsageException taken(String host, int port, String key, Throwable cause) {
        return new UsageException(
                key + ": port " + port + " on " + host + " is in use; choose another, or 0 for any free port", cause);
    }

    /** A port of 127.0.0.1 that is free now. */
    public static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
