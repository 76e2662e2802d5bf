package ai.consilium.cases.clinic;

import ai.consilium.cases.clinic.Canvas.Tone;
import ai.consilium.cases.format.Case.Finding;
import java.util.List;
import java.util.Random;

/**
 * A dermoscopic image of one brown lesion.
 *
 * @param veil a blue-white patch in one half of the lesion
 * @param streaks dark radial spikes at the border
 * @param dots dark satellites away from the border
 * @param regression a white scar in the half opposite to the veil's
 * @param veilSide half of the veil: 0 right, 1 bottom, 2 left, 3 top; without a veil, opposite the scar's
 */
record Dermoscopy(boolean veil, boolean streaks, boolean dots, boolean regression, int veilSide) implements Scene {
    private static final List<String> SIDES = List.of("right", "bottom", "left", "top");
    private static final Tone DARK = new Tone(0.13, 0.07, 0.05);

    /** Each feature in half of the images. */
    static Dermoscopy any(Random random) {
        return new Dermoscopy(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt(4));
    }

    @Override
    public List<Finding> findings() {
        return List.of(
                Scene.seen("veil", veil),
                Scene.seen("streaks", streaks),
                Scene.seen("dots", dots),
                Scene.seen("regression", regression));
    }

    @Override
    public List<Detail> details() {
        return List.of(
                new Detail("where is the veil ?", veil ? SIDES.get(veilSide) : "none"),
                new Detail("where is the regression ?", regression ? SIDES.get((veilSide + 2) % 4) : "none"));
    }

    @Override
    public void paint(Canvas canvas, Random random, double contrast) {
        double cx = 15.5 + Scene.jitter(random, 0.7);
        double cy = 15.5 + Scene.jitter(random, 0.7);
        double radius = 7.8 + 0.8 * random.nextDouble();
        canvas.fill(new Tone(0.92, 0.72, 0.62));
        if (streaks) {
            double turn = random.nextDouble() * Math.PI;
            for (int spike = 0; spike < 12; spike++) {
                double angle = turn + spike * Math.PI / 6;
                canvas.ray(cx, cy, angle, radius + 3.2 + random.nextDouble(), contrast, DARK);
            }
        }
        canvas.ellipse(cx, cy, radius, radius, 0.12, 1, new Tone(0.5, 0.3, 0.18));
        double angle = veilSide * Math.PI / 2 + Scene.jitter(random, 0.35);
        if (veil) {
            patch(canvas, cx, cy, angle, contrast, new Tone(0.4, 0.58, 1));
        }
        if (regression) {
            patch(canvas, cx, cy, angle + Math.PI, contrast, new Tone(1, 0.97, 0.93));
        }
        if (dots) {
            satellites(canvas, random, contrast);
        }
    }

    private static void patch(Canvas canvas, double cx, double cy, double angle, double contrast, Tone tone) {
        canvas.disc(cx + 3.9 * StrictMath.cos(angle), cy + 3.9 * StrictMath.sin(angle), 3.2, contrast, tone);
    }

    /** In three of the four corners, where no streak reaches. */
    private static void satellites(Canvas canvas, Random random, double contrast) {
        int spared = random.nextInt(4);
        for (int corner = 0; corner < 4; corner++) {
            if (corner != spared) {
                double x = (corner % 2 == 0 ? 3.5 : 27.5) + Scene.jitter(random, 1);
                double y = (corner < 2 ? 3.5 : 27.5) + Scene.jitter(random, 1);
                canvas.disc(x, y, 1.9, contrast, DARK);
            }
        }
    }
}
