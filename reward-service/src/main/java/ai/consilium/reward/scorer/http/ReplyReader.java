package ai.consilium.reward.scorer.http;

import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/** The bytes of a reply to verdicts: what a server sends is checked here. */
final class ReplyReader {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int MAX_EVIDENCE = 32;
    private static final int MAX_EVIDENCE_CHARS = 500;

    private final WireProtocol protocol;
    private final ScoreScale scale;

    ReplyReader(WireProtocol protocol, ScoreScale scale) {
        this.protocol = protocol;
        this.scale = scale;
    }

    /** A request's body. */
    static byte[] json(Object question) {
        try {
            return JSON.writeValueAsBytes(question);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Verdicts on the trajectories that were asked about, in their order.
     *
     * @param hiding takes out of a text of the server's what must not be recorded
     */
    List<Verdict> verdicts(byte[] body, List<ScoringRequest> asked, UnaryOperator<String> hiding) {
        JsonNode reply;
        try {
            reply = JSON.readTree(body);
        } catch (JsonProcessingException broken) {
            return unscored("reply is not JSON", asked);
        } catch (IOException broken) {
            return unscored("reply cannot be read: " + broken, asked);
        }
        try {
            return protocol.answers(reply, asked).stream()
                    .map(answer -> verdict(answer, hiding))
                    .toList();
        } catch (UnexpectedReplyException unexpected) {
            String others = WireProtocols.taking(reply, asked);
            String hint = others.isEmpty() ? "" : " (protocol: " + others + " would take it)";
            return unscored(unexpected.getMessage() + hint, asked);
        }
    }

    private Verdict verdict(RawScore answer, UnaryOperator<String> hiding) {
        if (answer instanceof RawScore.Value score) {
            return scale.verdict(
                    score.value(),
                    score.evidence().stream()
                            .limit(MAX_EVIDENCE)
                            .map(line -> shortened(hiding.apply(line)))
                            .toList());
        }
        return new Verdict.Unscored(shortened(hiding.apply(((RawScore.None) answer).reason())));
    }

    private static List<Verdict> unscored(String reason, List<ScoringRequest> asked) {
        return Collections.nCopies(asked.size(), new Verdict.Unscored(reason));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_EVIDENCE_CHARS ? text : text.substring(0, MAX_EVIDENCE_CHARS) + "…";
    }
}
