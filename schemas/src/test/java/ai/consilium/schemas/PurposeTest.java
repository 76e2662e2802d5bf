package ai.consilium.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PurposeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "rl         | 1.0  | -",
                "distill    | 0.7  | -",
                "validation | 1.0  | -",
                "validation | 0.0  | -",
                "rl         | 0.0  | temperature 0 is for purpose validation only, not rl",
                "distill    | 0.0  | temperature 0 is for purpose validation only, not distill",
                "validation | -0.1 | temperature is -0.1",
                "rl         | NaN  | temperature is NaN",
                "guess      | 1.0  | purpose 'guess' is none of rl, distill, distill_rewarded, validation",
                "guess      | 0.0  | purpose 'guess' is none of rl, distill, distill_rewarded, validation",
            })
    void givenAPurposeAndATemperatureThenWhatDoesNotFitIsNamed(String purpose, double temperature, String problem) {
        assertThat(Purpose.problem(purpose, temperature)).isEqualTo(problem);
    }
}
