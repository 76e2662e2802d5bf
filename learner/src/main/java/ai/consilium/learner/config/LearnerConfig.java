package ai.consilium.learner.config;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.objects.S3Location;
import ai.consilium.policy.training.ActivationCheckpointing;
import ai.consilium.policy.training.Trainer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How experts are trained.
 *
 * @param lora shape of the adapters
 * @param dsa domain-specific adaptation (docs/algorithms.md, Supervised start)
 * @param rl policy gradient
 * @param loss its objective
 * @param optimiser of both phases
 * @param activations what a step may keep for its gradients
 * @param ckpt what is kept, and where
 * @param learner what this process trains
 */
public record LearnerConfig(
        Lora lora,
        Dsa dsa,
        Rl rl,
        LossConfig loss,
        Optimiser optimiser,
        Activations activations,
        Ckpt ckpt,
        Share learner) {
    /**
     * Shape of the adapters.
     *
     * @param rank r
     * @param alpha numerator of the scale alpha / rank
     * @param targets projections that carry an update, in PEFT's spelling
     */
    public record Lora(int rank, double alpha, List<String> targets) {
        /** Refuses what cannot be meant. */
        public Lora {
            targets = List.copyOf(targets);
            require(rank >= 1, "rank must be at least 1");
            require(alpha > 0, "alpha must be above 0");
            require(!targets.isEmpty(), "targets must name at least one projection");
        }
    }

    /**
     * Domain-specific adaptation.
     *
     * @param traces number of training cases by specialty; {@code default} stands for those that are not named
     * @param sharedSteps optimiser steps on the traces of all specialties that the experts start from; 0 starts them
     *     from the base
     * @param steps optimiser steps of each expert on its own; 0 starts it as what all share, which is the base where that has none
     *     either
     * @param batchSize examples a step
     * @param learningRate peak; warms up over a tenth of the steps, then falls linearly to 0
     * @param replay share of the examples that is drawn from the union of the specialties, in [0, 1)
     * @param perspectives under which cases are imitated, in turn; empty: all that the prompt layout knows
     */
    public record Dsa(
            Map<String, Integer> traces,
            int sharedSteps,
            int steps,
            int batchSize,
            double learningRate,
            double replay,
            List<String> perspectives) {
        /** Key of {@code traces} for the specialties that are not named. */
        public static final String OTHERS = "default";

        /** Refuses what cannot be meant. */
        public Dsa {
            traces = Map.copyOf(traces);
            perspectives = List.copyOf(perspectives);
            require(traces.containsKey(OTHERS), "traces must hold a number under default");
            require(traces.values().stream().allMatch(n -> n >= 1), "traces must be at least 1");
            require(sharedSteps >= 0, "shared_steps must not be negative");
            require(steps >= 0, "steps must not be negative");
            require(batchSize >= 1, "batch_size must be at least 1");
            require(learningRate > 0, "learning_rate must be above 0");
            require(replay >= 0 && replay < 1, "replay must be in [0, 1)");
        }

        /** Perspectives under which cases are imitated. @param known those of the prompt layout */
        public List<String> perspectivesOf(List<String> known) {
            return perspectives.isEmpty() ? known : perspectives;
        }

        /** Number of traces of a specialty. */
        public int tracesOf(String specialty) {
            Integer own = traces.get(specialty);
            return own != null ? own : java.util.Objects.requireNonNull(traces.get(OTHERS));
        }
    }

    /**
     * Policy gradient.
     *
     * @param learningRate peak
     * @param lrSchedulerType {@code constant}, {@code linear} or {@code cosine}: how it falls after the warm-up
     * @param warmupSteps steps of linear warm-up
     * @param finalLrFraction share of the peak that is left at the last step, in [0, 1]; constant keeps all of it
     * @param continuedLrFraction share of all rates that is left where an expert begins as an agent, in (0, 1]
     * @param numIterations optimiser updates on each batch
     */
    public record Rl(
            double learningRate,
            String lrSchedulerType,
            int warmupSteps,
            double finalLrFraction,
            double continuedLrFraction,
            int numIterations) {
        /** Refuses what cannot be meant. */
        public Rl {
            require(learningRate > 0, "learning_rate must be above 0");
            LearningRate.Schedule.named(lrSchedulerType);
            require(warmupSteps >= 0, "warmup_steps must not be negative");
            require(finalLrFraction >= 0 && finalLrFraction <= 1, "final_lr_fraction must be in [0, 1]");
            require(continuedLrFraction > 0 && continuedLrFraction <= 1, "continued_lr_fraction must be in (0, 1]");
            require(numIterations >= 1 && numIterations <= 100, "num_iterations must be between 1 and 100");
        }

        /** Rate of a step, from 1, of so many. @param continued whether the expert began as an agent */
        public double rate(long step, int steps, boolean continued) {
            double peak = continued ? continuedLrFraction * learningRate : learningRate;
            return LearningRate.Schedule.named(lrSchedulerType)
                    .at(peak, (double) step, steps, warmupSteps, finalLrFraction);
        }
    }

    /**
     * AdamW.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to the root of the second moment
     * @param weightDecay decoupled
     * @param clipNorm largest global gradient norm
     * @param maxSkippedSteps a step of reinforcement whose gradient is not finite is skipped; so many in a row end the
     *     run
     */
    public record Optimiser(
            double beta1, double beta2, double epsilon, double weightDecay, double clipNorm, int maxSkippedSteps) {
        /** Refuses what cannot be meant. */
        public Optimiser {
            require(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1)");
            require(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1)");
            require(epsilon > 0, "epsilon must be above 0");
            require(weightDecay >= 0, "weight_decay must not be negative");
            require(clipNorm > 0, "clip_norm must be above 0");
            require(maxSkippedSteps >= 1, "max_skipped_steps must be at least 1");
        }
    }

    /**
     * What a step keeps for its gradients. It changes them by rounding alone.
     *
     * @param checkpointing {@code auto}, {@code on} or {@code off}: whether layers keep their inputs alone and are computed again
     * @param maxMib what a graph may take; with auto, layers are checkpointed for a group that would need more
     */
    public record Activations(String checkpointing, int maxMib) {
        /** Refuses what cannot be meant. */
        public Activations {
            ActivationCheckpointing.Mode.named(checkpointing);
            require(maxMib >= 1, "max_mib must be at least 1");
        }

        /** As the trainer takes it. */
        public ActivationCheckpointing settings() {
            return new ActivationCheckpointing(ActivationCheckpointing.Mode.named(checkpointing), (long) maxMib << 20);
        }
    }

    /**
     * What is kept, and where.
     *
     * @param keepLast newest checkpoints, and newest adapters on the log, that are not removed
     * @param keepBest whether the version that did best while training is kept too, and merged
     * @param store directory or {@code s3://bucket/prefix} that all learners of a run share; empty: each learner's run
     *     directory
     */
    public record Ckpt(int keepLast, boolean keepBest, String store) {
        /** Refuses what cannot be meant. */
        public Ckpt {
            require(keepLast >= 1, "keep_last must be at least 1");
            require(
                    !S3Location.meantBy(store) || S3Location.parse(store).isPresent(),
                    "store must be a directory or s3://bucket/prefix, not '" + store + "'");
        }

        /** The bucket; empty where checkpoints are kept in directories. */
        public Optional<S3Location> bucket() {
            return S3Location.parse(store);
        }
    }

    /**
     * What of a run a learner process trains.
     *
     * @param specialties that it may; empty: all
     * @param help whether it computes parts of the steps of learners that it stands by for, and lets others compute parts of its own
     */
    public record Share(List<String> specialties, boolean help) {
        /** All, alone. */
        public static final Share ALL = new Share(List.of(), false);

        /** Copies the list. */
        public Share {
            specialties = List.copyOf(specialties);
        }
    }

    /** The optimiser as the trainer takes it. */
    public Trainer.Optimiser adamW() {
        return new Trainer.Optimiser(
                optimiser.beta1(),
                optimiser.beta2(),
                optimiser.epsilon(),
                optimiser.weightDecay(),
                optimiser.clipNorm());
    }
}
