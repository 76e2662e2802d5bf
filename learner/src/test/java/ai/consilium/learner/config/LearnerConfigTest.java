package ai.consilium.learner.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.learner.LearnerConfigs;
import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.training.PolicyLoss;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LearnerConfigTest {
    private static final LearnerTask TASK =
            new LearnerTask(new TrainingPlan(7, 10, 4, 2), ConsolidationPlan.NONE, ValidationPlan.NONE, 1, false, 48);

    @Test
    void givenOtherObjectivesThenTheyAreRefusedByName() {
        assertThatThrownBy(() -> LearnerConfigs.loss("ppo", "truncate", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type must be one of dapo, grpo, dr_grpo, gspo, cispo, not 'ppo'");
        assertThatThrownBy(() -> LearnerConfigs.loss("dapo", "clamp", 0))
                .hasMessage("is_mode must be one of truncate, mask, bypass, none, not 'clamp'");
        assertThatThrownBy(() -> LearnerConfigs.loss("dapo", "mask", "word", 0, 0))
                .hasMessage("is_level must be one of token, sequence, geometric, not 'word'");
        assertThatThrownBy(() -> LearnerConfigs.loss("dapo", "mask", "token", 0, 1.5))
                .hasMessage("is_low must be in [0, 1]");
        assertThatThrownBy(() -> new LearnerConfig.Optimiser(0.9, 0.99, 1e-8, 0, 1, 0))
                .hasMessage("max_skipped_steps must be at least 1");
        assertThatThrownBy(() -> new LearnerConfig.Rl(1e-3, "step", 1, 0.5, 0.5, 1))
                .hasMessage("lr_scheduler_type must be one of constant, linear, cosine, not 'step'");
        assertThatThrownBy(() -> new LearnerConfig.Rl(1e-3, "linear", 1, 0.5, 0, 1))
                .hasMessage("continued_lr_fraction must be in (0, 1]");
        assertThatThrownBy(() -> new LearnerConfig.Dsa(Map.of("pediatrics", 4), 0, 3, 4, 1e-3, 0, List.of()))
                .hasMessageContaining("default");
        assertThatThrownBy(() -> new LearnerTask(
                        new TrainingPlan(0, 1, 0, 0), ConsolidationPlan.NONE, ValidationPlan.NONE, 1, false, 48))
                .hasMessageContaining("batch_size");
    }

    @Test
    void givenAnExpertThatBeganAsAnAgentThenItsRatesAreAShareOfThoseOfTheSupervisedStart() {
        LearnerConfig.Rl rl = new LearnerConfig.Rl(8e-3, "linear", 4, 0.25, 0.5, 1);

        assertThat(rl.rate(1, 12, false)).isEqualTo(2e-3);
        assertThat(rl.rate(1, 12, true)).isEqualTo(1e-3);
        assertThat(rl.rate(12, 12, true)).isEqualTo(rl.rate(12, 12, false) / 2);
    }

    @Test
    void givenASpecialtyWithItsOwnNumberOfTracesThenOnlyItHasThatNumber() {
        LearnerConfig.Dsa dsa =
                new LearnerConfig.Dsa(Map.of("default", 24, "pediatrics", 10), 0, 3, 4, 1e-3, 0, List.of());

        assertThat(dsa.tracesOf("pediatrics")).isEqualTo(10);
        assertThat(dsa.tracesOf("adult_medicine")).isEqualTo(24);
    }

    @Test
    void givenACheckpointOfOtherSettingsThenItIsRefusedNamingTheDifference() {
        // given a checkpoint's facts
        Fingerprint then = Fingerprint.of(LearnerConfigs.tiny(), TASK, "cases", "model", Precision.FP32);
        Checkpoint.Facts facts = facts(then);

        // when something that the weights depend on is different
        LearnerConfig config = LearnerConfigs.tiny();
        LearnerConfig faster = new LearnerConfig(
                config.lora(),
                config.dsa(),
                new LearnerConfig.Rl(2e-3, "linear", 1, 0.5, 0.5, 1),
                config.loss(),
                config.optimiser(),
                config.activations(),
                config.ckpt(),
                config.learner());

        // then
        assertThatThrownBy(() -> Fingerprint.of(faster, TASK, "cases", "model", Precision.FP32)
                        .requireMadeBySame(facts))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("rl.learning_rate = 0.001")
                .hasMessageContaining("0.002");
        assertThatThrownBy(() -> Fingerprint.of(config, TASK, "cases", "another", Precision.FP32)
                        .requireMadeBySame(facts))
                .hasMessageContaining("base model");
        assertThatThrownBy(() -> Fingerprint.of(config, TASK, "others", "model", Precision.FP32)
                        .requireMadeBySame(facts))
                .hasMessageContaining("training_cases");
        assertThatThrownBy(() -> Fingerprint.of(config, TASK, "cases", "model", Precision.BF16)
                        .requireMadeBySame(facts))
                .hasMessageContaining("compute.dtype = fp32, but it is bf16 now");
    }

    @Test
    void givenACheckpointThenTheNamesOfItsSettingsStay() {
        Fingerprint made = Fingerprint.of(LearnerConfigs.tiny(), TASK, "cases", "model", Precision.FP32);

        assertThat(made.config())
                .containsEntry("batch_size", "4")
                .containsEntry("steps", "10")
                .containsEntry("max_off_policy_steps", "2")
                .containsEntry("max_completion_tokens", "48")
                .containsEntry("seed", "7")
                .containsEntry("training_cases", "cases")
                .containsEntry("compute.dtype", "fp32");
        assertThat(made.config().keySet().stream().filter(key -> !key.contains(".")))
                .containsExactlyInAnyOrder(
                        "batch_size",
                        "steps",
                        "max_off_policy_steps",
                        "max_completion_tokens",
                        "seed",
                        "training_cases");
    }

    @Test
    void givenTheCorrectionsLevelAndBoundsThenTheLossHasThem() {
        assertThat(LearnerConfigs.loss("dapo", "mask", "sequence", 0, 0.5)
                        .objective(48)
                        .correction())
                .isEqualTo(new PolicyLoss.Correction.Mask(new PolicyLoss.Bounds(PolicyLoss.Level.SEQUENCE, 0.5, 2)));
        assertThat(LearnerConfigs.loss("dapo", "truncate", "geometric", 0, 0)
                        .objective(48)
                        .correction())
                .isEqualTo(new PolicyLoss.Correction.Truncate(new PolicyLoss.Bounds(PolicyLoss.Level.GEOMETRIC, 0, 2)));
    }

    @Test
    void givenACheckpointFromBeforeAKeyThenItWasMadeWithWhatTheKeysAbsenceMeant() {
        // given a checkpoint of version 0.1
        Fingerprint now = Fingerprint.of(LearnerConfigs.tiny(), TASK, "cases", "model", Precision.FP32);
        TreeMap<String, String> then = new TreeMap<>(now.config());
        then.keySet().removeAll(List.of("loss.is_level", "loss.is_low", "loss.mask_truncated"));
        Checkpoint.Facts facts = facts(new Fingerprint(then, "model"));

        now.requireMadeBySame(facts);
        LearnerConfig config = LearnerConfigs.tiny();
        LearnerConfig masked = new LearnerConfig(
                config.lora(),
                config.dsa(),
                config.rl(),
                LearnerConfigs.loss("dapo", "truncate", "token", 0, 0.5),
                config.optimiser(),
                config.activations(),
                config.ckpt(),
                config.learner());
        assertThatThrownBy(() -> Fingerprint.of(masked, TASK, "cases", "model", Precision.FP32)
                        .requireMadeBySame(facts))
                .hasMessageContaining("loss.is_low = 0.0, but it is 0.5 now");
    }

    @Test
    void givenOtherCheckpointsToKeepOrStepsToSkipOrMemoryThenItIsNoDifference() {
        LearnerConfig config = LearnerConfigs.tiny();
        LearnerConfig keepsMore = new LearnerConfig(
                config.lora(),
                config.dsa(),
                config.rl(),
                config.loss(),
                new LearnerConfig.Optimiser(0.9, 0.99, 1e-8, 0, 1, 8),
                new LearnerConfig.Activations("on", 512),
                new LearnerConfig.Ckpt(9, true, ""),
                LearnerConfig.Share.ALL);

        Fingerprint.of(keepsMore, TASK, "cases", "model", Precision.FP32)
                .requireMadeBySame(facts(Fingerprint.of(config, TASK, "cases", "model", Precision.FP32)));
    }

    private static Checkpoint.Facts facts(Fingerprint made) {
        return new Checkpoint.Facts(
                "pediatrics",
                0,
                false,
                "",
                0,
                0,
                List.of(),
                new TreeMap<>(),
                made.hash(),
                made.config(),
                made.modelHash(),
                "log");
    }
}
