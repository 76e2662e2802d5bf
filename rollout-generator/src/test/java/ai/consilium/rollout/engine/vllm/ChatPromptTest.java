package ai.consilium.rollout.engine.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.format.Markup;
import ai.consilium.policy.ModelException;
import ai.consilium.rollout.engine.InferenceEngine.GroupText;
import ai.consilium.rollout.engine.vllm.ChatPrompt.Part;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatPromptTest {
    @RegisterExtension
    final VllmRig rig = new VllmRig();

    @Test
    void givenAnImageAndTextThenTheyArePartsInTheirOrderAndTheIdsAreTheEncodersOwn() {
        GroupText group = rig.group(0);
        String instruction = group.instructions().get(0);

        ChatPrompt prompt = ChatPrompt.of(rig.encoder(), group.name(), group.prefix(), instruction, group.images());

        assertThat(prompt.parts()).hasSize(2);
        assertThat(prompt.parts().get(0))
                .isEqualTo(new Part.Image(group.images().get(0)));
        assertThat(((Part.Text) prompt.parts().get(1)).text())
                .doesNotContain("<|")
                .endsWith(content(instruction));
        assertThat(prompt.ids())
                .hasSize(prompt.encoded().prefix().tokens().length
                        + prompt.encoded().instruction().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no mark-up", "<|im_start|>user\nhello", "<|im_start|>system\nhello<|im_end|>\n"})
    void givenTextThatIsNoTurnOfAUserThenItIsRefusedByName(String prefix) {
        assertThatThrownBy(() -> ChatPrompt.of(rig.encoder(), "case 9", prefix, "", List.of()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("case 9: a vLLM server can sample prompts of one user's turn only");
    }

    @Test
    void givenTwoTurnsThenTheyAreRefused() {
        String turn = Markup.userTurn(0, "hello") + Markup.assistantTurn("");

        assertThatThrownBy(() -> ChatPrompt.of(rig.encoder(), "case 9", turn, turn, List.of()))
                .isInstanceOf(ModelException.class);
    }

    private static String content(String instruction) {
        return instruction.substring(0, instruction.indexOf(Markup.TURN_END));
    }
}
