package ai.consilium.platform.chat;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.chat.ChatException.Kind;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client of any server that speaks OpenAI's chat protocol. What was answered before is not asked again; tries are bounded in
 * time, size and number, and by the budget. Calls block; thread-safe.
 */
public final class ChatClient {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int REQUEST_TIMEOUT = 408;
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    /** A server that asks for more is not waited for. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(10);
    /** Characters of what a server says that a message repeats. */
    private static final int SHOWN = 300;

    /** How a try ended: with an answer, or in a way that another try may mend. */
    private sealed interface Try {
        record Done(ChatAnswer answer) implements Try {}

        /** @param pause that the server asks for */
        record Again(String reason, Optional<Duration> pause) implements Try {}
    }

    private final HttpClient http;
    private final ChatEndpoint endpoint;
    private final ChatBudget budget;
    private final @Nullable ChatCache cache;

    /** @param cache null: everything is asked */
    public ChatClient(HttpClient http, ChatEndpoint endpoint, ChatBudget budget, @Nullable ChatCache cache) {
        this.http = http;
        this.endpoint = endpoint;
        this.budget = budget;
        this.cache = cache;
    }

    /**
     * The answer to a request, from the cache where it is there.
     *
     * @throws ChatException when there is none
     */
    public ChatAnswer ask(ChatCall call) throws ChatException, InterruptedException {
        Optional<ChatAnswer> known = known(call);
        if (known.isPresent()) {
            return known.get();
        }
        String reason = "";
        Optional<Duration> pause = Optional.empty();
        for (int attempt = 0; attempt < endpoint.tries(); attempt++) {
            if (attempt > 0) {
                Thread.sleep(pause.orElseGet(backoff(attempt)).toMillis());
            }
            Try result = attempt(call);
            if (result instanceof Try.Done done) {
                return done.answer();
            }
            Try.Again again = (Try.Again) result;
            reason = again.reason();
            pause = again.pause();
        }
        throw failure(Kind.OUTAGE, reason + (endpoint.tries() == 1 ? "" : " (" + endpoint.tries() + " tries)"));
    }

    /** The answer to a request where it was answered before. */
    public Optional<ChatAnswer> known(ChatCall call) {
        Optional<String> reply = cache == null ? Optional.empty() : cache.find(call.sha256());
        if (reply.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ChatAnswer.of(JSON.readTree(reply.get()), call, true));
        } catch (JsonProcessingException | ChatException e) {
            // Whatever happened to the file: asking again mends it.
            return Optional.empty();
        }
    }

    /** Doubles with each try, up to a limit, drawn from its upper half so that threads do not ask in step. */
    private Supplier<Duration> backoff(int attempt) {
        return () -> {
            long doubled = endpoint.backoff().toMillis() << Math.min(attempt - 1, 20);
            long longest = Math.min(LONGEST_BACKOFF.toMillis(), Math.max(1, doubled));
            return Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
        };
    }

    private Try attempt(ChatCall call) throws ChatException, InterruptedException {
        budget.begin(call.mostTokens());
        ChatAnswer answer = null;
        try {
            Try result = send(call);
            if (result instanceof Try.Done done) {
                answer = done.answer();
            }
            return result;
        } finally {
            if (answer == null) {
                budget.end(call.mostTokens());
            } else {
                budget.end(call.mostTokens(), answer);
            }
        }
    }

    private Try send(ChatCall call) throws ChatException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> reply = RemoteHttp.send(http, request(call), endpoint.mostReplyBytes());
        try {
            return read(reply.get(endpoint.timeout().toMillis(), TimeUnit.MILLISECONDS), call);
        } catch (TimeoutException slow) {
            return again("no reply within " + endpoint.timeout().toSeconds() + " s");
        } catch (ExecutionException failed) {
            String reason = RemoteHttp.reason(failed.getCause());
            if (RemoteHttp.tooLong(failed.getCause())) {
                throw failure(Kind.REQUEST, reason);
            }
            return again(reason);
        } finally {
            reply.cancel(true);
        }
    }

    private HttpRequest request(ChatCall call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.url())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json");
        if (endpoint.key() != null) {
            request.header("Authorization", "Bearer " + endpoint.key());
        }
        return request.POST(HttpRequest.BodyPublishers.ofByteArray(call.body())).build();
    }

    private Try read(HttpResponse<byte[]> reply, ChatCall call) throws ChatException {
        int status = reply.statusCode();
        String body = endpoint.redacted(new String(reply.body(), StandardCharsets.UTF_8));
        if (status == 200) {
            return answer(body, call);
        }
        String message = "status " + status + said(body);
        if (status == TOO_MANY_REQUESTS || status == REQUEST_TIMEOUT || status >= 500) {
            return new Try.Again(message, retryAfter(reply, message));
        }
        if (status == 400 || status == 413 || status == 415 || status == 422) {
            throw failure(Kind.REQUEST, message);
        }
        throw failure(
                Kind.SETUP,
                message + (status >= 300 && status < 400 ? "; it points elsewhere, which is not followed" : ""));
    }

    private Try answer(String body, ChatCall call) throws ChatException {
        JsonNode reply;
        try {
            reply = JSON.readTree(body);
        } catch (JsonProcessingException broken) {
            throw failure(Kind.REQUEST, "the reply is not JSON" + said(body));
        }
        if (reply.path("error").isObject() && !reply.has("choices")) {
            // Some relays report an error of the server behind them with status 200.
            return again("error" + said(body));
        }
        ChatAnswer answer;
        try {
            answer = ChatAnswer.of(reply, call, false);
        } catch (ChatException e) {
            throw failure(e.kind(), e.reason());
        }
        if (cache != null) {
            cache.keep(call.sha256(), body);
        }
        return new Try.Done(answer);
    }

    private static Try again(String reason) {
        return new Try.Again(reason, Optional.empty());
    }

    /** Seconds, or a date of HTTP; nothing where there is neither. */
    private Optional<Duration> retryAfter(HttpResponse<byte[]> reply, String message) throws ChatException {
        String value = reply.headers().firstValue("Retry-After").orElse("").strip();
        Duration wait;
        try {
            wait = value.matches("[0-9]{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(value))
                    : Duration.between(Instant.now(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
        if (wait.compareTo(LONGEST_RETRY_AFTER) > 0) {
            throw failure(Kind.OUTAGE, message + "; it asks to wait for " + wait.toSeconds() + " s");
        }
        return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    }

    private ChatException failure(Kind kind, String problem) {
        return new ChatException(kind, endpoint.shown() + ": " + problem);
    }

    /** What a server says of an error, in one line. */
    private static String said(String body) {
        String text = body;
        try {
            JsonNode reply = JSON.readTree(body);
            for (String at : new String[] {"/error/message", "/message", "/detail", "/error"}) {
                if (reply.at(at).isTextual()) {
                    text = reply.at(at).textValue();
                    break;
                }
            }
        } catch (JsonProcessingException e) {
            // It is shown as it is.
        }
        String line = text.replaceAll("[\\p{C}\\s]+", " ").strip();
        return line.isEmpty() ? "" : ": " + (line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line);
    }
}
