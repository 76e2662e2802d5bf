package ai.consilium.reward.scorer.http;

import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /verify} of a NeMo Gym resources server ({@code BaseVerifyRequest}): the prompt as the input of an OpenAI response,
 * the completion as its output, and the case's fields beside them.
 */
final class NemoGymProtocol implements WireProtocol {
    @Override
    public String name() {
        return "nemo-gym";
    }

    @Override
    public Object question(List<ScoringRequest> asked, @Nullable String model) {
        ScoringRequest one = asked.get(0);
        Map<String, Object> verify = new LinkedHashMap<>();
        verify.put(
                "responses_create_params",
                Map.of("input", List.of(Map.of("role", "user", "content", CaseText.prompt(one)))));
        verify.put("response", response(one));
        verify.put("id", one.about().id());
        verify.put("question", one.about().question());
        // As its servers of questions with options read them (resources_servers/mcqa): an object for each.
        verify.put(
                "options",
                one.about().options().entrySet().stream()
                        .map(option -> Map.of(option.getKey(), option.getValue()))
                        .toList());
        verify.put("expected_answer", one.about().label());
        return verify;
    }

    private static Map<String, Object> response(ScoringRequest one) {
        Map<String, Object> text = Map.of("type", "output_text", "text", one.completion(), "annotations", List.of());
        Map<String, Object> message = Map.of(
                "id",
                "msg_" + one.id(),
                "type",
                "message",
                "role",
                "assistant",
                "status",
                one.truncated() ? "incomplete" : "completed",
                "content",
                List.of(text));
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("id", "resp_" + one.id());
        response.put("created_at", 0);
        response.put("model", "policy");
        response.put("object", "response");
        response.put("output", List.of(message));
        response.put("parallel_tool_calls", false);
        response.put("tool_choice", "none");
        response.put("tools", List.of());
        return response;
    }

    @Override
    public List<RawScore> answers(JsonNode reply, List<ScoringRequest> asked) throws UnexpectedReplyException {
        String failure = reply.path("failure_reason").asText("");
        if (reply.path("mask_sample").asBoolean(false)) {
            return List.of(new RawScore.None("masked: " + (failure.isEmpty() ? "no reason given" : failure)));
        }
        JsonNode reward = reply.path("reward");
        if (!reward.isNumber()) {
            throw new UnexpectedReplyException("reply has no number 'reward'");
        }
        List<String> evidence = new ArrayList<>();
        reply.path("reward_components")
                .properties()
                .forEach(component -> evidence.add(component.getKey() + " " + component.getValue()));
        if (!failure.isEmpty()) {
            evidence.add(failure);
        }
        return List.of(new RawScore.Value(reward.doubleValue(), evidence));
    }
}
