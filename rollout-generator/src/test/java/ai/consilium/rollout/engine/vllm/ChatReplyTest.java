package ai.consilium.rollout.engine.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.input.EncodedPrompt;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChatReplyTest {
    private static final SortedSet<Integer> ENDS = new TreeSet<>(List.of(2, 7));
    private static final ChatPrompt PROMPT = new ChatPrompt(
            "case x",
            new PromptText(MarkedText.NONE, 0, MarkedText.NONE),
            List.of(),
            new PromptEncoder.Encoded(new EncodedPrompt(new int[] {1, 5}, List.of()), new int[] {6}, "hash"));

    private static ChatReply.Drawn read(String finish, int... tokens) throws ServerException {
        String ids = Arrays.stream(tokens).mapToObj(Integer::toString).collect(Collectors.joining(","));
        String logprobs = Arrays.stream(tokens)
                .mapToObj(id -> "{\"token\":\"token_id:%d\",\"logprob\":-1.0}".formatted(id))
                .collect(Collectors.joining(","));
        String reply = """
                {"model":"m","prompt_token_ids":[1,5,6],"choices":[{"index":0,"finish_reason":"%s","token_ids":[%s],
                "logprobs":{"content":[%s]}}]}""".formatted(finish, ids, logprobs);
        ChatReply replies = new ChatReply(new CompletionTokens(10, new TreeSet<>()));
        return replies.read(reply.getBytes(StandardCharsets.UTF_8), "m", PROMPT, new Draw(1, 1, 4, ENDS, 1))
                .get(0);
    }

    @Test
    void givenAnyOfTheEndTokensAtTheEndThenTheCompletionIsWhole() throws ServerException {
        assertThat(read("stop", 3, 2).truncated()).isFalse();
        assertThat(read("stop", 3, 4, 7).tokens()).containsExactly(3, 4, 7);
        assertThat(read("length", 3, 4, 3, 4).truncated()).isTrue();
    }

    @Test
    void givenAnyOfTheEndTokensBeforeTheEndThenTheReplyIsRefused() {
        assertThatThrownBy(() -> read("stop", 7, 2)).hasMessageContaining("goes on after an end token");
        assertThatThrownBy(() -> read("length", 3, 2, 3, 3)).hasMessageContaining("goes on after an end token");
        assertThatThrownBy(() -> read("length", 3, 3, 3, 7)).hasMessageContaining("said to be cut");
        assertThatThrownBy(() -> read("stop", 3, 4)).hasMessageContaining("lacks an end token");
    }
}
