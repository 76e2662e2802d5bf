package ai.consilium.devcluster;

import ai.consilium.platform.LocalHttp;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A schema registry in this process that speaks Confluent's REST protocol, on 127.0.0.1 only. Its state is the topic
 * {@code _schemas} of the broker, so that ids survive a restart.
 */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

    private final ObjectMapper json = new ObjectMapper();
    private final SchemaStore book;
    private final RegistryProtocol protocol;
    private final LocalHttp http;

    private EmbeddedRegistry(SchemaStore book, int port) {
        this.book = book;
        this.protocol = new RegistryProtocol(book);
        this.http = LocalHttp.start("127.0.0.1", port, "schema_registry.port", this::routes);
    }

    /**
     * Reads the state from the broker and starts to serve.
     *
     * @param port 0 for any free one
     * @throws ai.consilium.platform.UsageException when the port is in use
     */
    public static EmbeddedRegistry start(String bootstrapServers, int port) {
        SchemaStore book = new SchemaStore(new SchemaLog(bootstrapServers));
        try {
            return new EmbeddedRegistry(book, port);
        } catch (RuntimeException e) {
            book.close();
            throw e;
        }
    }

    /** Address, {@code http://127.0.0.1:port}. */
    public String url() {
        return http.url();
    }

    @Override
    public void close() {
        http.close();
        book.close();
    }

    private void routes(RoutesConfig routes) {
        routes.get("/", answer(call -> Map.of()));
        subjectRoutes(routes);
        schemaRoutes(routes);
        settingRoutes(routes);
        routes.error(404, call -> {
            if (call.result() == null || !MEDIA_TYPE.equals(call.res().getContentType())) {
                refuse(call, new RegistryError(404, 404, "HTTP 404 Not Found"));
            }
        });
        routes.exception(RegistryError.class, (error, call) -> refuse(call, error));
    }

    private void subjectRoutes(RoutesConfig routes) {
        String subject = "/subjects/{subject}";
        String versions = subject + "/versions";
        String version = versions + "/{version}";
        routes.get("/subjects", answer(call -> protocol.subjects(word(call, "subjectPrefix"), flag(call, "deleted"))));
        routes.post(subject, answer(call -> protocol.lookUp(subject(call), body(call), flag(call, "deleted"))));
        routes.delete(subject, answer(call -> protocol.deleteSubject(subject(call), flag(call, "permanent"))));
        routes.get(versions, answer(call -> protocol.versions(subject(call), flag(call, "deleted"))));
        routes.post(versions, answer(call -> protocol.register(subject(call), body(call))));
        routes.get(version, answer(call -> protocol.version(subject(call), version(call), flag(call, "deleted"))));
        routes.delete(
                version, answer(call -> protocol.deleteVersion(subject(call), version(call), flag(call, "permanent"))));
        routes.get(
                version + "/schema",
                answerText(call -> protocol.versionSchema(subject(call), version(call), flag(call, "deleted"))));
        routes.get(version + "/referencedby", answer(call -> List.of()));
        routes.post(
                "/compatibility" + versions,
                answer(call -> protocol.compatible(subject(call), "", body(call), flag(call, "verbose"))));
        routes.post(
                "/compatibility" + version,
                answer(call -> protocol.compatible(subject(call), version(call), body(call), flag(call, "verbose"))));
    }

    private void schemaRoutes(RoutesConfig routes) {
        String id = "/schemas/ids/{id}";
        routes.get("/schemas", answer(call -> protocol.schemas(word(call, "subjectPrefix"), flag(call, "deleted"))));
        routes.get("/schemas/types", answer(call -> List.of("AVRO")));
        routes.get(id, answer(call -> Map.of("schema", protocol.schemaById(call.pathParam("id")))));
        routes.get(id + "/schema", answerText(call -> protocol.schemaById(call.pathParam("id"))));
        routes.get(id + "/subjects", answer(call -> protocol.subjectsOf(call.pathParam("id"), flag(call, "deleted"))));
        routes.get(id + "/versions", answer(call -> protocol.versionsOf(call.pathParam("id"), flag(call, "deleted"))));
    }

    private void settingRoutes(RoutesConfig routes) {
        for (String end : List.of("", "/{subject}")) {
            Function<Context, String> whose = end.isEmpty() ? call -> "" : EmbeddedRegistry::subject;
            routes.get(
                    "/config" + end, answer(call -> protocol.config(whose.apply(call), flag(call, "defaultToGlobal"))));
            routes.put("/config" + end, answer(call -> protocol.setConfig(whose.apply(call), body(call))));
            routes.delete("/config" + end, answer(call -> protocol.deleteConfig(whose.apply(call))));
            routes.get("/mode" + end, answer(call -> protocol.mode(whose.apply(call), flag(call, "defaultToGlobal"))));
            routes.put("/mode" + end, answer(call -> protocol.setMode(whose.apply(call), body(call))));
            routes.delete("/mode" + end, answer(call -> protocol.deleteMode(whose.apply(call))));
        }
    }

    private Handler answer(Function<Context, Object> call) {
        return context -> context.contentType(MEDIA_TYPE).result(json.writeValueAsBytes(call.apply(context)));
    }

    private static Handler answerText(Function<Context, String> call) {
        return context -> context.contentType(MEDIA_TYPE).result(call.apply(context));
    }

    private void refuse(Context call, RegistryError error) {
        String text = json.createObjectNode()
                .put("error_code", error.code())
                .put("message", error.getMessage())
                .toString();
        call.status(error.status()).contentType(MEDIA_TYPE).result(text);
    }

    private JsonNode body(Context call) {
        try {
            return json.readTree(call.bodyAsBytes());
        } catch (JsonProcessingException e) {
            throw new RegistryError(422, 42201, "The request is not JSON: " + e.getOriginalMessage());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String subject(Context call) {
        return call.pathParam("subject");
    }

    private static String version(Context call) {
        return call.pathParam("version");
    }

    private static boolean flag(Context call, String name) {
        return Boolean.parseBoolean(call.queryParam(name));
    }

    private static String word(Context call, String name) {
        String value = call.queryParam(name);
        return value == null ? "" : value;
    }
}
