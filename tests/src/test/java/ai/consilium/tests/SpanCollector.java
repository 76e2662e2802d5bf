package ai.consilium.tests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A collector of spans by OTLP over HTTP, which reads of protobuf (opentelemetry-proto, trace.proto) what tests ask for. */
final class SpanCollector implements AutoCloseable {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    /** A span; ids in hex, the parent's empty for none. */
    record Span(String service, String trace, String id, String parent, String name) {}

    /** A field of a message that holds bytes: a text or a message. */
    private record Field(int number, byte[] value) {
        String text() {
            return new String(value, StandardCharsets.UTF_8);
        }

        String hex() {
            return HexFormat.of().formatHex(value);
        }
    }

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    SpanCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Span> spans() {
        return List.copyOf(spans);
    }

    private void take(HttpExchange call) throws IOException {
        try (call) {
            for (byte[] resource : named(call.getRequestBody().readAllBytes(), 1)) {
                String service = named(resource, 1).stream()
                        .flatMap(of -> named(of, 1).stream())
                        .filter(attribute -> fields(attribute).get(0).text().equals("service.name"))
                        .map(attribute ->
                                fields(fields(attribute).get(1).value()).get(0).text())
                        .findFirst()
                        .orElse("");
                for (byte[] scope : named(resource, 2)) {
                    named(scope, 2).forEach(span -> spans.add(span(service, span)));
                }
            }
            call.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            call.sendResponseHeaders(200, -1);
        }
    }

    private static Span span(String service, byte[] message) {
        String[] found = {"", "", "", "", "", ""};
        for (Field field : fields(message)) {
            switch (field.number()) {
                case 1, 2, 4 -> found[field.number()] = field.hex();
                case 5 -> found[field.number()] = field.text();
                default -> {
                    // Times, attributes, links.
                }
            }
        }
        return new Span(service, found[1], found[2], found[4], found[5]);
    }

    private static List<byte[]> named(byte[] message, int number) {
        return fields(message).stream()
                .filter(field -> field.number() == number)
                .map(Field::value)
                .toList();
    }

    private static List<Field> fields(byte[] message) {
        List<Field> fields = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long tag = varint(in);
            switch ((int) (tag & 7)) {
                case VARINT -> varint(in);
                case FIXED64 -> in.getLong();
                case FIXED32 -> in.getInt();
                case BYTES -> {
                    byte[] value = new byte[(int) varint(in)];
                    in.get(value);
                    fields.add(new Field((int) (tag >>> 3), value));
                }
                default -> throw new IllegalArgumentException("no protobuf: tag " + tag);
            }
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
