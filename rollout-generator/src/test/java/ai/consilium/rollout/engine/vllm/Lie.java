package ai.consilium.rollout.engine.vllm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/** What a server may do instead of answering well. */
enum Lie {
    /** Nothing. */
    NONE(reply -> {}),
    ID_WITHOUT_TOKEN(reply -> ids(reply).set(0, ids(reply).numberNode(100_000))),
    NEGATIVE_ID(reply -> ids(reply).set(0, ids(reply).numberNode(-1))),
    ID_THAT_IS_TEXT(reply -> ids(reply).set(0, ids(reply).textNode("6"))),
    OTHER_ID_THAN_ITS_LOGPROB(reply ->
            ids(reply).set(0, ids(reply).numberNode((ids(reply).get(0).intValue() + 1) % 700))),
    TEXT_ONLY(reply -> choices(reply).forEach(choice -> {
        ((ObjectNode) choice).putNull("token_ids");
        ((ObjectNode) choice).putNull("logprobs");
    })),
    NO_LOGPROBS(reply -> choices(reply).forEach(choice -> ((ObjectNode) choice).putNull("logprobs"))),
    ONE_LOGPROB_SHORT(reply -> content(reply).remove(0)),
    POSITIVE_LOGPROB(reply -> ((ObjectNode) content(reply).get(0)).put("logprob", 0.5)),
    MINUS_INFINITY(reply -> ((ObjectNode) content(reply).get(0)).put("logprob", -9999.0)),
    NOT_A_NUMBER(reply -> ((ObjectNode) content(reply).get(0)).put("logprob", "NaN")),
    TOO_MANY_TOKENS(reply -> {
        for (int i = 0; i < 1000; i++) {
            ids(reply).add(ids(reply).get(0));
            content(reply).add(content(reply).get(0));
        }
    }),
    CUT_WITHOUT_NEED(reply -> {
        ids(reply).removeAll().add(20);
        content(reply).removeAll().addObject().put("token", "token_id:20").put("logprob", -1.0);
        first(reply).put("finish_reason", "length");
    }),
    WHOLE_WITHOUT_END(reply -> {
        ids(reply).removeAll().add(20);
        content(reply).removeAll().addObject().put("token", "token_id:20").put("logprob", -1.0);
        first(reply).put("finish_reason", "stop");
    }),
    GOES_ON_AFTER_ITS_END(reply -> {
        ids(reply).removeAll().add(2).add(20);
        content(reply).removeAll().addObject().put("token", "token_id:2").put("logprob", -1.0);
        content(reply).addObject().put("token", "token_id:20").put("logprob", -1.0);
        first(reply).put("finish_reason", "stop");
    }),
    UNKNOWN_FINISH(reply -> first(reply).put("finish_reason", "abort")),
    ONE_CHOICE_SHORT(reply -> choices(reply).remove(0)),
    SAME_INDEX(reply -> choices(reply).forEach(choice -> ((ObjectNode) choice).put("index", 1))),
    OTHER_MODEL(reply -> reply.put("model", "another")),
    NO_PROMPT_IDS(reply -> reply.putNull("prompt_token_ids")),
    NOT_JSON(reply -> {}),
    ENDLESS(reply -> {}),
    HANGS(reply -> {}),
    HANGS_UP(reply -> {}),
    STATUS_500(reply -> {}),
    STATUS_404(reply -> {}),
    /** For probes: an adapter is loaded and never applied. */
    ADAPTER_IGNORED(reply -> {}),
    /** For probes: log-probabilities before the temperature. */
    UNTEMPERED(reply -> {}),
    /** Of another prompt. */
    WRONG_PROMPT(reply -> ((ArrayNode) reply.path("prompt_token_ids")).set(3, reply.numberNode(7))),
    /** Id and log-probability agree, but nobody drew it. */
    INVENTED_TOKENS(reply -> {
        for (int i = 0; i < ids(reply).size(); i++) {
            ids(reply).set(i, ids(reply).numberNode(20 + i));
            ((ObjectNode) content(reply).get(i)).put("token", "token_id:" + (20 + i));
        }
    });

    private final Consumer<ObjectNode> change;

    Lie(Consumer<ObjectNode> change) {
        this.change = change;
    }

    void tell(ObjectNode reply) {
        change.accept(reply);
    }

    private static ArrayNode choices(JsonNode reply) {
        return (ArrayNode) reply.path("choices");
    }

    private static ObjectNode first(JsonNode reply) {
        return (ObjectNode) choices(reply).get(0);
    }

    private static ArrayNode ids(JsonNode reply) {
        return (ArrayNode) first(reply).path("token_ids");
    }

    private static ArrayNode content(JsonNode reply) {
        return (ArrayNode) first(reply).path("logprobs").path("content");
    }
}
