package ai.consilium.reward.scorer.http;

import ai.consilium.cases.format.Case;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A guideline that a service in any language scores (docs/REWARDS.md gives the protocol). Tries are bounded in time and
 * number; what the service sends is checked here; every failure is unscored with its reason, never 0.
 */
public final class HttpScorer implements Scorer {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
    private static final int MAX_EVIDENCE = 32;
    private static final int MAX_EVIDENCE_CHARS = 500;

    /** How a try ended: with a verdict, or in a way that another try may mend. */
    private sealed interface Try {
        record Done(Verdict verdict) implements Try {}

        record Again(String reason) implements Try {}
    }

    private final ScorerType.Identity identity;
    private final HttpType.HttpCheck check;
    private final HttpClient http;
    private final UnaryOperator<@Nullable String> environment;

    HttpScorer(ScorerType.Identity identity, HttpType.HttpCheck check, ScorerType.Resources resources) {
        this.identity = identity;
        this.check = check;
        this.http = resources.http();
        this.environment = resources.environment();
    }

    @Override
    public String name() {
        return identity.name();
    }

    @Override
    public Component component() {
        return Component.GUIDELINE;
    }

    @Override
    public @Nullable String perspective() {
        return identity.perspective();
    }

    @Override
    public String version() {
        return identity.version();
    }

    @Override
    public boolean remote() {
        return true;
    }

    @Override
    public Verdict score(ScoringRequest submission) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(check.url()))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json");
        for (Map.Entry<String, String> header : check.headersFromEnv().entrySet()) {
            String value = environment.apply(header.getValue());
            if (value == null || value.isBlank()) {
                return new Verdict.Unscored("environment variable " + header.getValue() + " is not set");
            }
            request.header(header.getKey(), value.strip());
        }
        HttpRequest post = request.POST(HttpRequest.BodyPublishers.ofString(question(submission)))
                .build();
        String reason = "";
        for (int attempt = 0; attempt <= check.retries(); attempt++) {
            if (attempt > 0) {
                Thread.sleep(backoff(attempt).toMillis());
            }
            Try result = attempt(post);
            if (result instanceof Try.Done done) {
                return done.verdict();
            }
            reason = ((Try.Again) result).reason();
        }
        return new Verdict.Unscored(reason + " (" + (check.retries() + 1) + " tries)");
    }

    /** Doubles from the configured wait, up to a limit. */
    private Duration backoff(int attempt) {
        Duration wait = Duration.ofMillis(check.backoffMs() << (attempt - 1));
        return wait.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : wait;
    }

    private Try attempt(HttpRequest post) throws InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> reply = RemoteHttp.send(http, post, check.maxReplyBytes());
        try {
            return judge(reply.get(check.timeoutMs(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException slow) {
            return new Try.Again("no reply within " + check.timeoutMs() + " ms");
        } catch (ExecutionException failed) {
            return failure(failed.getCause());
        } finally {
            reply.cancel(true);
        }
    }

    private static Try failure(@Nullable Throwable cause) {
        String reason = RemoteHttp.reason(cause);
        return RemoteHttp.tooLong(cause) ? new Try.Done(new Verdict.Unscored(reason)) : new Try.Again(reason);
    }

    private static Try judge(HttpResponse<byte[]> reply) {
        int status = reply.statusCode();
        if (status == 429 || status >= 500) {
            return new Try.Again("status " + status);
        }
        return new Try.Done(status == 200 ? verdict(reply.body()) : new Verdict.Unscored("status " + status));
    }

    private static Verdict verdict(byte[] body) {
        JsonNode reply;
        try {
            reply = JSON.readTree(body);
        } catch (JsonProcessingException broken) {
            return new Verdict.Unscored("reply is not JSON");
        } catch (IOException broken) {
            return new Verdict.Unscored("reply cannot be read: " + broken);
        }
        if (reply.path("unscored").isTextual()) {
            return new Verdict.Unscored(shortened(reply.path("unscored").textValue()));
        }
        JsonNode score = reply.path("score");
        if (!score.isNumber()) {
            return new Verdict.Unscored("reply has no number 'score'");
        }
        double value = score.doubleValue();
        if (!(value >= 0 && value <= 1)) {
            return new Verdict.Unscored("score " + value + " is not in [0, 1]");
        }
        List<String> evidence = new ArrayList<>();
        for (JsonNode line : reply.path("evidence")) {
            if (line.isTextual() && evidence.size() < MAX_EVIDENCE) {
                evidence.add(shortened(line.textValue()));
            }
        }
        return new Verdict.Scored(value, evidence);
    }

    private static String shortened(String text) {
        return text.length() <= MAX_EVIDENCE_CHARS ? text : text.substring(0, MAX_EVIDENCE_CHARS) + "…";
    }

    private static String question(ScoringRequest submission) {
        Case about = submission.about();
        Map<String, @Nullable Object> of = new LinkedHashMap<>();
        of.put("id", about.id());
        of.put("specialty", about.specialty());
        of.put("modality", about.modality());
        of.put("question", about.question());
        of.put("options", about.options());
        of.put("label", about.label());
        of.put("context", about.context());
        of.put("evidence", about.evidence());
        Map<String, Object> question = new LinkedHashMap<>();
        question.put("trajectory_id", submission.id());
        question.put("perspective", submission.perspective());
        question.put("completion", submission.completion());
        question.put("truncated", submission.truncated());
        question.put("case", of);
        try {
            return JSON.writeValueAsString(question);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
