package ai.consilium.reward.scorer.http;

import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What slime's {@code remote_rm} asks ({@code slime/rollout/rm_hub}). It leaves open what a reply holds: a number, bare or named. */
final class SlimeProtocol implements WireProtocol {
    private static final List<String> NAMES = List.of("reward", "score");

    @Override
    public String name() {
        return "slime";
    }

    @Override
    public Object question(List<ScoringRequest> asked, @Nullable String model) {
        ScoringRequest one = asked.get(0);
        return Map.of(
                "prompt",
                CaseText.prompt(one),
                "response",
                one.completion(),
                "label",
                one.about().label());
    }

    @Override
    public List<RawScore> answers(JsonNode reply, List<ScoringRequest> asked) throws UnexpectedReplyException {
        if (reply.isNumber()) {
            return List.of(new RawScore.Value(reply.doubleValue()));
        }
        for (String name : NAMES) {
            if (reply.path(name).isNumber()) {
                return List.of(new RawScore.Value(reply.path(name).doubleValue()));
            }
        }
        throw new UnexpectedReplyException("reply is no number and has no number 'reward' or 'score'");
    }
}
