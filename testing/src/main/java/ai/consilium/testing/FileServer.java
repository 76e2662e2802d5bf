package ai.consilium.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** A web server of files, which fails as it is told and remembers what it was asked. */
public final class FileServer implements AutoCloseable {
    /**
     * A request.
     *
     * @param path as it stood in the request line
     * @param range as it was sent; null: the whole file
     * @param authorization as it was sent; null: none
     */
    public record Asked(
            String path, @Nullable String range, @Nullable String authorization) {}

    /** What a server does with a request instead of answering it. */
    public interface Fault {
        /** Answers. */
        void at(HttpExchange exchange, byte[] file) throws IOException;

        /** A status and nothing else. */
        static Fault status(int status) {
            return (exchange, file) -> exchange.sendResponseHeaders(status, -1);
        }

        /** So many bytes of what was asked for, and then the connection is cut. */
        static Fault cutAfter(int bytes) {
            return (exchange, file) -> {
                int from = from(exchange);
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
                exchange.sendResponseHeaders(from == 0 ? 200 : 206, file.length - from);
                exchange.getResponseBody().write(file, from, Math.min(bytes, file.length - from));
                exchange.getResponseBody().flush();
            };
        }

        /** So many bytes of the whole file, whatever was asked for, and then the connection is cut. */
        static Fault cutFromStartAfter(int bytes) {
            return (exchange, file) -> {
                exchange.sendResponseHeaders(200, file.length);
                exchange.getResponseBody().write(file, 0, bytes);
                exchange.getResponseBody().flush();
            };
        }

        /** To another address. */
        static Fault redirect(String to) {
            return (exchange, file) -> {
                exchange.getResponseHeaders().set("Location", to);
                exchange.sendResponseHeaders(302, -1);
            };
        }
    }

    private static final String LIST = "SHA256SUMS";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
    private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean parts = true;
    private volatile @Nullable String authorization;

    /** On a free port of this machine. */
    public FileServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /** An address of it. @param path begins with a slash */
    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** Has files below a directory, and their list. */
    public void put(String directory, Map<String, byte[]> content) {
        StringBuilder list = new StringBuilder();
        content.forEach((path, bytes) -> {
            file("/" + directory + "/" + path, bytes);
            list.append(DigestUtils.sha256Hex(bytes)).append("  ").append(path).append('\n');
        });
        file("/" + directory + "/" + LIST, list.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Has a file. @param path decoded */
    public void file(String path, byte[] bytes) {
        files.put(path, bytes);
    }

    /** Has a list that says this. */
    public void list(String directory, String text) {
        file("/" + directory + "/" + LIST, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Does this, one after the other, with the next requests for a file. */
    public void fail(String path, Fault... next) {
        faults.put(path, new ConcurrentLinkedQueue<>(Arrays.asList(next)));
    }

    /** Has all files of a directory, and their list, below a name. */
    public void put(String name, Path directory) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                content.put(directory.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        put(name, content);
    }

    /** From now on it answers those only who send this header. */
    public void ask(String wanted) {
        authorization = wanted;
    }

    /** From now on it sends whole files only. */
    public void knowsNoParts() {
        parts = false;
    }

    /** Requests for a path. */
    public List<Asked> asked(String path) {
        return asked.stream().filter(each -> each.path().equals(path)).toList();
    }

    /** Paths of all requests, in the order in which they came. */
    public List<String> askedPaths() {
        return asked.stream().map(Asked::path).toList();
    }

    /** Forgets what it was asked. */
    public void forget() {
        asked.clear();
    }

    private static int from(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(new Asked(
                    exchange.getRequestURI().getRawPath(),
                    exchange.getRequestHeaders().getFirst("Range"),
                    exchange.getRequestHeaders().getFirst("Authorization")));
            String path = exchange.getRequestURI().getPath();
            byte[] file = files.getOrDefault(path, new byte[0]);
            Fault fault = faults.getOrDefault(path, new ArrayDeque<>()).poll();
            String wanted = authorization;
            if (wanted != null && !wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
            } else if (fault != null) {
                fault.at(exchange, file);
            } else if (!files.containsKey(path)) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                send(exchange, file);
            }
        }
    }

    private void send(HttpExchange exchange, byte[] file) throws IOException {
        int from = parts ? from(exchange) : 0;
        if (from > 0 && from >= file.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, file.length == 0 ? -1 : file.length - from);
        if (file.length > 0) {
            exchange.getResponseBody().write(file, from, file.length - from);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
