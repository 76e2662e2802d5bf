package ai.consilium.policy.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.adapter.Folding.Mode;
import org.junit.jupiter.api.Test;

class FoldingTest {
    @Test
    void givenAutoThenAllCopiesAreMadeWhereAllHaveRoomAndElseNone() {
        assertThat(new Folding(Mode.AUTO, 4, 450).folds(100, 50)).isTrue();
        assertThat(new Folding(Mode.AUTO, 4, 449).folds(100, 50)).isFalse();
        assertThat(new Folding(Mode.AUTO, 5, 450).folds(100, 50)).isFalse();
    }

    @Test
    void givenAlwaysOrNeverThenRoomDoesNotMatter() {
        assertThat(new Folding(Mode.ALWAYS, 4, 0).folds(100, 50)).isTrue();
        assertThat(new Folding(Mode.NEVER, 4, Long.MAX_VALUE).folds(100, 50)).isFalse();
    }

    @Test
    void givenAnotherNameThenItIsRefused() {
        assertThat(Mode.named("auto")).isEqualTo(Mode.AUTO);
        assertThatThrownBy(() -> Mode.named("sometimes"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fold must be auto, always or never, not 'sometimes'");
    }
}
