package ai.consilium.reward.scorer.http;

import ai.consilium.cases.format.Case;
import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ours: docs/scorer/openapi.yaml. */
final class ConsiliumProtocol implements WireProtocol {
    static final String NAME = "consilium";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Object question(List<ScoringRequest> asked, @Nullable String model) {
        ScoringRequest one = asked.get(0);
        Map<String, Object> question = new LinkedHashMap<>();
        question.put("trajectory_id", one.id());
        question.put("perspective", one.perspective());
        question.put("completion", one.completion());
        question.put("truncated", one.truncated());
        question.put("case", about(one.about()));
        return question;
    }

    private static Map<String, @Nullable Object> about(Case about) {
        Map<String, @Nullable Object> of = new LinkedHashMap<>();
        of.put("id", about.id());
        of.put("specialty", about.specialty());
        of.put("modality", about.modality());
        of.put("question", about.question());
        of.put("options", about.options());
        of.put("label", about.label());
        of.put("context", about.context());
        of.put("evidence", about.evidence());
        return of;
    }

    @Override
    public List<RawScore> answers(JsonNode reply, List<ScoringRequest> asked) throws UnexpectedReplyException {
        JsonNode id = reply.path("trajectory_id");
        if (id.isTextual() && !id.textValue().equals(asked.get(0).id())) {
            return List.of(new RawScore.None("reply is about another trajectory"));
        }
        if (reply.path("unscored").isTextual()) {
            return List.of(new RawScore.None(reply.path("unscored").textValue()));
        }
        JsonNode score = reply.path("score");
        if (!score.isNumber()) {
            throw new UnexpectedReplyException("reply has no number 'score'");
        }
        List<String> evidence = new ArrayList<>();
        for (JsonNode line : reply.path("evidence")) {
            if (line.isTextual()) {
                evidence.add(line.textValue());
            }
        }
        return List.of(new RawScore.Value(score.doubleValue(), evidence));
    }
}
