package ai.consilium.reward.scorer.http;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.reward.scorer.RequestLimits;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A guideline that a service in any language scores (docs/REWARDS.md gives the protocols). A try is bounded in time, from its
 * beginning to the reply's last byte, and in size; every failure is unscored with its reason, never 0.
 */
public final class HttpScorer implements Scorer {
    private final ScorerType.Identity identity;
    private final HttpCheck check;
    private final ScorerType.Resources resources;
    private final URI uri;
    private final ReplyReader replies;

    HttpScorer(ScorerType.Identity identity, HttpCheck check, ScorerType.Resources resources) {
        this.identity = identity;
        this.check = check;
        this.resources = resources;
        this.uri = URI.create(check.url());
        this.replies = new ReplyReader(check.wire(), check.range());
    }

    @Override
    public ScorerType.Identity identity() {
        return identity;
    }

    @Override
    public Component component() {
        return Component.GUIDELINE;
    }

    @Override
    public boolean remote() {
        return true;
    }

    @Override
    public RequestLimits limits() {
        return check.limits();
    }

    @Override
    public Verdict score(ScoringRequest submission) throws ScorerUnavailableException, InterruptedException {
        return scoreAll(List.of(submission)).get(0);
    }

    @Override
    public List<Verdict> scoreAll(List<ScoringRequest> submissions)
            throws ScorerUnavailableException, InterruptedException {
        Optional<String> forbidden = forbidden();
        if (forbidden.isPresent()) {
            return unscored(forbidden.get(), submissions);
        }
        SecretHeaders headers = SecretHeaders.of(check.headersFromEnv(), resources.environment());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json");
        Optional<String> unusable = headers.addTo(request);
        if (unusable.isPresent()) {
            return unscored(unusable.get(), submissions);
        }
        HttpResponse<byte[]> reply;
        try {
            reply = reply(request.POST(HttpRequest.BodyPublishers.ofByteArray(
                            ReplyReader.json(check.wire().question(submissions, check.model()))))
                    .build());
        } catch (TooLongReplyException tooLong) {
            return unscored(tooLong.reason(), submissions);
        }
        int status = reply.statusCode();
        if (status == 429 || status >= 500) {
            throw new ScorerUnavailableException("status " + status);
        }
        return status == 200
                ? replies.verdicts(reply.body(), submissions, headers::hidden)
                : unscored("status " + status, submissions);
    }

    /** Why the host may not be asked. */
    private Optional<String> forbidden() throws ScorerUnavailableException {
        try {
            return resources.guard().problem(uri.getHost());
        } catch (UnknownHostException unknown) {
            throw new ScorerUnavailableException("host " + uri.getHost() + " is unknown");
        }
    }

    private HttpResponse<byte[]> reply(HttpRequest post)
            throws ScorerUnavailableException, TooLongReplyException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> reply = RemoteHttp.send(resources.http(), post, check.maxReplyBytes());
        try {
            return reply.get(check.timeoutMs(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new ScorerUnavailableException("no reply within " + check.timeoutMs() + " ms");
        } catch (ExecutionException failed) {
            String reason = RemoteHttp.reason(failed.getCause());
            if (RemoteHttp.tooLong(failed.getCause())) {
                throw new TooLongReplyException(reason);
            }
            throw new ScorerUnavailableException(reason);
        } finally {
            reply.cancel(true);
        }
    }

    private static List<Verdict> unscored(String reason, List<ScoringRequest> submissions) {
        return Collections.nCopies(submissions.size(), new Verdict.Unscored(reason));
    }

    /** Another try would bring as much. */
    private static final class TooLongReplyException extends Exception {
        private static final long serialVersionUID = 1L;

        TooLongReplyException(String reason) {
            super(reason);
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }
}
