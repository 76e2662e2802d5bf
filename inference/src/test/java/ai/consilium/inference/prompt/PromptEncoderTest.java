package ai.consilium.inference.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.format.CaseException;
import org.junit.jupiter.api.Test;

/** The arithmetic of a prompt's tokens. */
class PromptEncoderTest {
    private static final int PAD = 9;

    @Test
    void givenTwoImagesWhenExpandedThenEachPlaceholderTakesItsOwnNumberOfTokens() {
        int[] expanded = ChatEncoder.expand("case case-1", new int[] {1, PAD, 2, PAD, 3}, PAD, new int[] {3, 2});

        assertThat(expanded).containsExactly(1, PAD, PAD, PAD, 2, PAD, PAD, 3);
    }

    @Test
    void givenAnImageWithoutPlaceholderWhenExpandedThenTheCaseIsRefusedByName() {
        assertThatThrownBy(() -> ChatEncoder.expand("case case-1", new int[] {1, 2}, PAD, new int[] {4}))
                .isInstanceOf(CaseException.class)
                .hasMessage("case case-1 has 1 images, but its text has room for 0");
    }

    @Test
    void givenTokensWhenHashedThenItIsSha256OverLittleEndianInts() {
        // printf '\x01\x00\x00\x00\x00\x01\x00\x00' | sha256sum
        assertThat(PromptEncoder.hash(new int[] {1}, new int[] {256}))
                .isEqualTo("242045e2f1bb37769b514f182fd91b3d215324cb57f187cced1e9c62921dbac3");
        assertThat(PromptEncoder.hash(new int[] {1, 256}, new int[0]))
                .isEqualTo(PromptEncoder.hash(new int[] {1}, new int[] {256}));
    }
}
