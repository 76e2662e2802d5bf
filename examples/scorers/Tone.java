import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A guideline as a service, in one file: 1, less 0.2 for each "maybe". java Tone.java [PORT] */
public class Tone {
    static final Pattern COMPLETION = Pattern.compile("\"completion\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"");
    static final Pattern HEDGE = Pattern.compile("(?i)maybe");

    public static void main(String[] args) throws Exception {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 8099;
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/score", exchange -> {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String completion = COMPLETION.matcher(asked).results().findFirst().orElseThrow().group(1);
            long hedges = HEDGE.matcher(completion).results().count();
            String reply = "{\"score\": " + Math.max(0, 1 - 0.2 * hedges) + ", \"evidence\": [\"" + hedges + " hedges\"]}";
            byte[] bytes = reply.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort() + "/score");
    }
}
