package ai.consilium.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyTableTest {
    private final PolicyTable table = PolicyTable.of(List.of("pediatrics", "oncology_surgery"));

    @Test
    void givenARunThatBeginsThenSpecialtiesComeInTheirOrderAndTheUnifiedAgentLast() {
        assertThat(table.policies()).containsExactly("pediatrics", "oncology_surgery", "unified");
        assertThat(table.partition("oncology_surgery")).isEqualTo(1);
        assertThat(table.partition(Topics.UNIFIED)).isEqualTo(2);
        assertThat(Topics.ADAPTERS.partitions(4, table)).isEqualTo(3);
    }

    @Test
    void givenASpecialtyIsAppendedThenNoPolicyChangesItsPartition() {
        PolicyTable longer = table.append("brain_senses", 3);

        assertThat(longer.partition("brain_senses")).isEqualTo(3);
        assertThat(table.policies())
                .allSatisfy(policy -> assertThat(longer.partition(policy)).isEqualTo(table.partition(policy)));
        assertThat(longer.specialties()).containsExactly("pediatrics", "oncology_surgery", "brain_senses");
        assertThat(longer.specialties(2)).containsExactly("pediatrics", "oncology_surgery");
        assertThat(longer.specialties(3)).containsExactly("pediatrics", "oncology_surgery", "brain_senses");
        assertThat(longer.first()).isEqualTo(table);
        assertThat(longer.continues(table)).isTrue();
        assertThat(table.continues(longer)).isFalse();
        assertThat(PolicyTable.of(List.of("pediatrics", "oncology_surgery", "brain_senses"))
                        .continues(table))
                .as("the unified agent has moved")
                .isFalse();
    }

    @Test
    void givenNamesThatCannotBeMeantThenTheyAreRefused() {
        assertThatThrownBy(() -> table.append("pediatrics", 1)).hasMessageContaining("each be named once");
        assertThatThrownBy(() -> new PolicyTable(List.of("pediatrics"))).hasMessageContaining("unified among them");
        assertThatThrownBy(() -> table.partition("dentistry"))
                .hasMessage("policy 'dentistry' is not one of [pediatrics, oncology_surgery, unified]");
    }
}
