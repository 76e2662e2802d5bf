package ai.consilium.reward.scorer.http;

import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What OpenRLHF asks of a reward server ({@code remote_rm_url}; its own server is {@code openrlhf/cli/serve_rm.py}). */
final class OpenRlhfProtocol implements WireProtocol {
    @Override
    public String name() {
        return "openrlhf";
    }

    @Override
    public boolean batches() {
        return true;
    }

    @Override
    public Object question(List<ScoringRequest> asked, @Nullable String model) {
        return Map.of(
                "query", asked.stream().map(CaseText::whole).toList(),
                "prompts", asked.stream().map(CaseText::prompt).toList(),
                "labels", asked.stream().map(one -> one.about().label()).toList());
    }

    @Override
    public List<RawScore> answers(JsonNode reply, List<ScoringRequest> asked) throws UnexpectedReplyException {
        JsonNode rewards = reply.path("rewards");
        if (!rewards.isArray()) {
            throw new UnexpectedReplyException("reply has no list 'rewards'");
        }
        if (rewards.size() != asked.size()) {
            throw new UnexpectedReplyException(
                    "reply has " + rewards.size() + " rewards for " + asked.size() + " queries");
        }
        List<RawScore> scores = new ArrayList<>();
        for (JsonNode reward : rewards) {
            // A reward model's head gives a list of one.
            JsonNode number = reward.isArray() && reward.size() == 1 ? reward.get(0) : reward;
            if (!number.isNumber()) {
                throw new UnexpectedReplyException("reply has a reward that is no number");
            }
            scores.add(new RawScore.Value(number.doubleValue()));
        }
        return scores;
    }
}
