package ai.consilium.policy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.input.VisionGrid;
import ai.consilium.policy.torch.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the tower sees, and how much of it is kept. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ImageFeaturesTest {
    private static final int PATCH_VALUES = 3 * 2 * 4 * 4;
    private static final int WINDOW = 4;

    @TempDir
    Path directory;

    private Compute compute;
    private ModelDirectory model;

    @BeforeEach
    void create() throws IOException {
        compute = new Compute(1);
        model = RandomModel.create(directory, windowed(), 5);
    }

    @AfterEach
    void close() {
        compute.close();
    }

    /** No block sees more than its window. */
    private static QwenConfig windowed() {
        QwenConfig small = RandomModel.small();
        QwenConfig.Vision vision = small.vision();
        return new QwenConfig(
                small.vocabulary(),
                small.hidden(),
                small.intermediate(),
                small.layers(),
                small.heads(),
                small.kvHeads(),
                small.epsilon(),
                small.ropeTheta(),
                small.mropeSections(),
                small.tied(),
                small.imageToken(),
                small.visionStartToken(),
                small.visionEndToken(),
                small.videoToken(),
                new QwenConfig.Vision(
                        vision.depth(),
                        vision.hidden(),
                        vision.intermediate(),
                        vision.heads(),
                        vision.patch(),
                        vision.temporalPatch(),
                        vision.merge(),
                        vision.window(),
                        List.of()));
    }

    private static Pixels image(int frames, int rows, int columns, long seed) {
        Random random = new Random(seed);
        float[] patches = new float[frames * rows * columns * PATCH_VALUES];
        for (int i = 0; i < patches.length; i++) {
            patches[i] = (float) random.nextGaussian();
        }
        return new Pixels(patches, frames, rows, columns);
    }

    private float[] see(PolicyModel policy, Pixels image) throws InterruptedException {
        return compute.call(Compute.Urgency.EVALUATE, () -> {
            try (Scope scope = Scope.open()) {
                return policy.imageFeatures().of(image, scope).floats();
            }
        });
    }

    /** Rotary positions are relative: a window is what it is as a picture of its own. */
    @Test
    void givenWindowsOfEverySizeThenEachIsSeenAsIfItWereAPictureOfItsOwn() throws Exception {
        int rows = 6;
        int columns = 10;
        Pixels whole = image(1, rows, columns, 1);
        try (PolicyModel policy = PolicyModel.load(model, compute)) {
            float[] together = see(policy, whole);
            for (int top = 0; top < rows; top += WINDOW) {
                for (int left = 0; left < columns; left += WINDOW) {
                    int high = Math.min(WINDOW, rows - top);
                    int wide = Math.min(WINDOW, columns - left);
                    float[] alone = see(policy, part(whole, top, left, high, wide));
                    float[] there = tokens(together, columns, top, left, high, wide);
                    for (int i = 0; i < alone.length; i++) {
                        assertThat(there[i]).as("window at %d, %d", top, left).isCloseTo(alone[i], within(2e-5f));
                    }
                }
            }
        }
    }

    /** Patches lie in merge order: tokens of 2 x 2 patches by rows. */
    private static Pixels part(Pixels whole, int top, int left, int high, int wide) {
        int token = 4 * PATCH_VALUES;
        return new Pixels(taken(whole.patches(), whole.gridW(), top, left, high, wide, token), 1, high, wide);
    }

    private float[] tokens(float[] features, int columns, int top, int left, int high, int wide) {
        return taken(features, columns, top, left, high, wide, model.config().hidden());
    }

    private static float[] taken(float[] all, int columns, int top, int left, int high, int wide, int token) {
        float[] part = new float[high / 2 * (wide / 2) * token];
        int at = 0;
        for (int row = top / 2; row < (top + high) / 2; row++) {
            int from = (row * (columns / 2) + left / 2) * token;
            System.arraycopy(all, from, part, at, wide / 2 * token);
            at += wide / 2 * token;
        }
        return part;
    }

    @Test
    void givenFramesThenEachIsSeenAlone() throws Exception {
        Pixels film = image(3, 6, 4, 2);
        try (PolicyModel policy = PolicyModel.load(model, compute)) {
            float[] all = see(policy, film);
            int pixels = film.patches().length / 3;
            int features = all.length / 3;
            for (int frame = 0; frame < 3; frame++) {
                Pixels one =
                        new Pixels(Arrays.copyOfRange(film.patches(), frame * pixels, (frame + 1) * pixels), 1, 6, 4);
                assertThat(Arrays.copyOfRange(all, frame * features, (frame + 1) * features))
                        .containsExactly(see(policy, one), within(2e-5f));
            }
        }
    }

    @Test
    void givenTheSameContentThenItIsKeptOnceAndHasTheSameBits() throws Exception {
        try (PolicyModel policy = PolicyModel.load(model, compute)) {
            float[] first = see(policy, image(1, 4, 4, 3));
            long kept = policy.imageFeatures().bytes();
            float[] again = see(policy, image(1, 4, 4, 3));
            see(policy, image(1, 4, 4, 4));

            assertThat(again).isEqualTo(first);
            assertThat(kept).isEqualTo(4L * model.config().hidden() * Float.BYTES);
            assertThat(policy.imageFeatures().bytes()).isEqualTo(2 * kept);
            // The same values are another image in another shape.
            Pixels image = image(1, 4, 4, 3);
            see(policy, new Pixels(image.patches(), 1, 2, 8));
            assertThat(policy.imageFeatures().bytes()).isEqualTo(3 * kept);
        }
    }

    @Test
    void givenABoundThenTheLeastRecentlyUsedLeaveAndWhoeverHoldsThemGoesOn() throws Exception {
        long one = 4L * model.config().hidden() * Float.BYTES;
        try (PolicyModel policy = PolicyModel.load(model, compute, Precision.FP32, 2 * one)) {
            float[] first = see(policy, image(1, 4, 4, 0));
            int scopes = Scope.openScopes();
            boolean same = compute.call(Compute.Urgency.EVALUATE, () -> {
                try (Scope scope = Scope.open()) {
                    var held = policy.imageFeatures().of(image(1, 4, 4, 0), scope);
                    for (int seed = 1; seed < 9; seed++) {
                        policy.imageFeatures().of(image(1, 4, 4, seed), scope);
                    }
                    return Arrays.equals(held.floats(), first);
                }
            });

            assertThat(same).isTrue();
            assertThat(policy.imageFeatures().bytes()).isEqualTo(2 * one);
            assertThat(Scope.openScopes() - scopes).isEqualTo(1);
            // Larger than all that may be kept: seen, and not kept.
            assertThat(see(policy, image(1, 8, 8, 1)))
                    .hasSize(16 * model.config().hidden());
            assertThat(policy.imageFeatures().bytes()).isEqualTo(2 * one);
        }
    }

    @Test
    void givenImagesOfOneGridThenTogetherTheyAreSeenAsAlone() throws Exception {
        List<Pixels> images = List.of(image(1, 6, 4, 1), image(1, 6, 4, 2), image(1, 6, 4, 3));
        try (PolicyModel policy = PolicyModel.load(model, compute)) {
            float[] together = compute.call(Compute.Urgency.EVALUATE, () -> {
                try (Scope scope = Scope.open()) {
                    return policy.vision()
                            .see(policy.weights().vision(), VisionGrid.of(images.get(0)), images, scope)
                            .floats();
                }
            });
            int each = together.length / images.size();
            for (int i = 0; i < images.size(); i++) {
                assertThat(Arrays.copyOfRange(together, i * each, (i + 1) * each))
                        .containsExactly(see(policy, images.get(i)), within(2e-5f));
            }
        }
    }
}
