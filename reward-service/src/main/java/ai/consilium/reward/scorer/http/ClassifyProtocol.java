package ai.consilium.reward.scorer.http;

import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /classify} of vLLM, as verl asks its reward models: the last of the class values, without an activation, so that
 * {@code scale} says what range it has.
 */
final class ClassifyProtocol implements WireProtocol {
    @Override
    public String name() {
        return "classify";
    }

    @Override
    public boolean batches() {
        return true;
    }

    @Override
    public Object question(List<ScoringRequest> asked, @Nullable String model) {
        Map<String, Object> question = new LinkedHashMap<>();
        if (model != null) {
            question.put("model", model);
        }
        question.put("input", asked.stream().map(CaseText::whole).toList());
        // The second name is that of servers before 0.11.2.
        question.put("use_activation", false);
        question.put("activation", false);
        return question;
    }

    @Override
    public List<RawScore> answers(JsonNode reply, List<ScoringRequest> asked) throws UnexpectedReplyException {
        JsonNode data = reply.path("data");
        if (!data.isArray()) {
            throw new UnexpectedReplyException("reply has no list 'data'");
        }
        if (data.size() != asked.size()) {
            throw new UnexpectedReplyException("reply has " + data.size() + " entries for " + asked.size() + " inputs");
        }
        List<@Nullable RawScore> scores = new ArrayList<>(Collections.nCopies(asked.size(), null));
        for (int i = 0; i < data.size(); i++) {
            int at = data.get(i).path("index").asInt(i);
            JsonNode probs = data.get(i).path("probs");
            JsonNode last = probs.path(probs.size() - 1);
            if (!last.isNumber()) {
                throw new UnexpectedReplyException("reply has an entry without numbers 'probs'");
            }
            if (at < 0 || at >= scores.size() || scores.get(at) != null) {
                throw new UnexpectedReplyException("reply has index " + at + " twice, or none of that index was asked");
            }
            scores.set(at, new RawScore.Value(last.doubleValue()));
        }
        List<RawScore> whole = new ArrayList<>();
        scores.forEach(whole::add);
        return whole;
    }
}
