package ai.consilium.cases.clinic;

import ai.consilium.cases.clinic.Canvas.Tone;
import ai.consilium.cases.format.Case.Finding;
import java.util.List;
import java.util.Random;

/** A frontal chest film: dark lungs, and opacities. @param left opacity at the left of the image @param right at the right */
record ChestFilm(boolean left, boolean right) implements Scene {
    /** Clear, one lung and both lungs equally often. */
    static ChestFilm any(Random random) {
        int lungs = random.nextInt(3);
        boolean first = random.nextBoolean();
        return new ChestFilm(lungs == 2 || lungs == 1 && first, lungs == 2 || lungs == 1 && !first);
    }

    boolean opacity() {
        return left || right;
    }

    String extent() {
        return left && right ? "both" : opacity() ? "one" : "clear";
    }

    @Override
    public List<Finding> findings() {
        return List.of(Scene.seen("film", extent(), opacity()));
    }

    @Override
    public List<Detail> details() {
        String side = left && right ? "both" : left ? "left" : right ? "right" : "none";
        return List.of(
                new Detail("is there opacity ?", opacity() ? "yes" : "no"), new Detail("where is the opacity ?", side));
    }

    @Override
    public void paint(Canvas canvas, Random random, double contrast) {
        double middle = 15.5 + Scene.jitter(random, 0.8);
        double height = 10.5 + random.nextDouble();
        canvas.fill(Tone.grey(0.55));
        canvas.ellipse(middle - 7, 15.5, 5.2, height, 0.25, 1, Tone.grey(0.15));
        canvas.ellipse(middle + 7, 15.5, 5.2, height, 0.25, 1, Tone.grey(0.15));
        canvas.ellipse(middle + 1.5, 20, 3, 4.5, 0.4, 0.8, Tone.grey(0.62));
        if (left) {
            opacity(canvas, random, middle - 7, contrast);
        }
        if (right) {
            opacity(canvas, random, middle + 7.5, contrast);
        }
    }

    private static void opacity(Canvas canvas, Random random, double cx, double contrast) {
        double radius = 3.6 + 0.9 * random.nextDouble();
        double cy = 15.5 + Scene.jitter(random, 5);
        canvas.ellipse(cx + Scene.jitter(random, 0.8), cy, radius, radius, 0.6, contrast, Tone.grey(0.85));
    }
}
