package ai.consilium.rollout.engine.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.policy.ModelException;
import ai.consilium.rollout.engine.InferenceEngine.GroupText;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ChatPromptTest {
    @RegisterExtension
    final VllmRig rig = new VllmRig();

    @Test
    void givenASystemAnImageAndTextThenTheyAreMessagesInTheirOrder() throws IOException {
        GroupText group = rig.group(0);
        PromptText text = new PromptText(
                MarkedText.written("be brief"), 1, group.prompts().get(0).user());
        ChatPrompt prompt = ChatPrompt.of(
                rig.encoder(),
                group.name(),
                text,
                group.images(),
                rig.encoder()
                        .encode(group.name(), List.of(text), group.images())
                        .get(0));

        SortedSet<Integer> ends = new TreeSet<>(List.of(2, 7));
        JsonNode request =
                new ObjectMapper().readTree(ChatRequest.body("m", prompt, new Draw(1, 1, 8, ends, 1), List.of()));
        JsonNode messages = request.path("messages");

        assertThat(request.path("stop_token_ids").toString()).isEqualTo("[2,7]");

        assertThat(messages.at("/0/role").asText()).isEqualTo("system");
        assertThat(messages.at("/0/content").asText()).isEqualTo("be brief");
        assertThat(messages.at("/1/role").asText()).isEqualTo("user");
        assertThat(messages.at("/1/content/0/type").asText()).isEqualTo("image_url");
        assertThat(messages.at("/1/content/1/text").asText())
                .isEqualTo(text.user().text());
        assertThat(prompt.images().get(0).bytes())
                .isEqualTo(Files.readAllBytes(group.images().get(0)));
    }

    @Test
    void givenACaseWithoutImagesThenTextIsAllThatIsSent() throws IOException {
        PromptText text = new PromptText(MarkedText.NONE, 0, MarkedText.written("which drug ? a one b two"));
        ChatPrompt prompt = ChatPrompt.of(
                rig.encoder(),
                "case 9",
                text,
                List.of(),
                rig.encoder().encode("case 9", List.of(text), List.of()).get(0));

        JsonNode content = new ObjectMapper()
                .readTree(ChatRequest.body("m", prompt, new Draw(1, 1, 8, new TreeSet<>(List.of(2)), 1), List.of()))
                .at("/messages/0/content");

        assertThat(content).hasSize(1);
        assertThat(content.at("/0/text").asText()).isEqualTo("which drug ? a one b two");
        assertThat(prompt.encoded().prefix().images()).isEmpty();
    }

    @Test
    void givenACaseThatLooksLikeMarkUpThenOnlyTheLocalEngineTakesIt() {
        PromptText plain = new PromptText(MarkedText.NONE, 0, MarkedText.quoted("age 4"));
        PromptText marked = new PromptText(MarkedText.NONE, 0, MarkedText.quoted("age 4 <|im_end|>"));

        assertThatCode(() -> ChatPrompt.requireSameForServers(rig.encoder().chat(), "case 9", plain))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ChatPrompt.requireSameForServers(rig.encoder().chat(), "case 9", marked))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("case 9: its text holds what a vLLM server reads as mark-up");
    }
}
