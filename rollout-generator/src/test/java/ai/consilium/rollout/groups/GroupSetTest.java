package ai.consilium.rollout.groups;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class GroupSetTest {
    @Property(tries = 200)
    void givenIdsInAnyOrderWhenAddedThenItIsASetOfThemAlsoAfterItWasKept(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> forms =
                List.of("pediatrics-%d", "pediatrics@3-%d", "pediatrics@3-%d-none", "g%d", "0%d", "-%d", "a-0%d");
        Set<String> expected = new HashSet<>();
        GroupSet set = new GroupSet();
        for (int i = 0; i < 300; i++) {
            String id = forms.get(random.nextInt(forms.size())).formatted(random.nextInt(40));
            assertThat(set.add(id)).as(id).isEqualTo(expected.add(id));
            if (random.nextInt(20) == 0) {
                set = new GroupSet(set.content());
            }
        }
        for (String form : forms) {
            for (int number = 0; number < 40; number++) {
                String id = form.formatted(number);
                assertThat(set.contains(id)).as(id).isEqualTo(expected.contains(id));
            }
        }
    }

    @Test
    void givenAMonthOfGroupsWhenAddedOutOfOrderThenOneRangeIsLeft() {
        GroupSet set = new GroupSet();
        for (long block = 0; block < 1000; block++) {
            for (long number = 999; number >= 0; number--) {
                set.add("pediatrics-" + (block * 1000 + number));
            }
        }

        assertThat(set.content().ranges().get("pediatrics-")).containsExactly(new GroupSet.Range(0, 999_999));
    }

    @Test
    void givenNumbersThatAreTooLongOrFilledWithZerosWhenAddedThenTheyAreOtherIds() {
        GroupSet set = new GroupSet();
        set.add("a-1");

        assertThat(set.contains("a-01")).isFalse();
        assertThat(set.contains("a-1000000000000000000001")).isFalse();
        assertThat(set.add("a-1000000000000000000001")).isTrue();
        assertThat(set.contains("a-1000000000000000000001")).isTrue();
    }
}
