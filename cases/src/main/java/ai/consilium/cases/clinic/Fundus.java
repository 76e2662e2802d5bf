package ai.consilium.cases.clinic;

import ai.consilium.cases.clinic.Canvas.Tone;
import ai.consilium.cases.format.Case.Finding;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A fundus photograph. Each kind of lesion has its own region, so that none hides another.
 *
 * @param microaneurysms a cluster of small red dots above or below the centre
 * @param exudates a bright yellow patch at the centre's far side from the disc
 * @param quadrants quadrants with a haemorrhage, as a bit set: 1 upper left, 2 upper right, 4 lower left, 8 lower right
 * @param newVessels a dark green tangle beside the optic disc
 * @param discLeft whether the optic disc is at the left
 */
record Fundus(boolean microaneurysms, boolean exudates, int quadrants, boolean newVessels, boolean discLeft)
        implements Scene {
    private static final List<String> COUNT = List.of("none", "one", "two", "three", "four");

    /** Each lesion in half of the images; 0, 1, 2 or 4 quadrants bleed equally often. */
    static Fundus any(Random random) {
        int quadrants = switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> 1 << random.nextInt(4);
            case 2 -> {
                int first = random.nextInt(4);
                yield 1 << first | 1 << (first + 1 + random.nextInt(3)) % 4;
            }
            default -> 15;
        };
        return new Fundus(
                random.nextBoolean(), random.nextBoolean(), quadrants, random.nextBoolean(), random.nextBoolean());
    }

    int haemorrhages() {
        return Integer.bitCount(quadrants);
    }

    @Override
    public List<Finding> findings() {
        return List.of(
                Scene.seen("microaneurysms", microaneurysms),
                Scene.seen("exudates", exudates),
                Scene.seen("haemorrhages", COUNT.get(haemorrhages()), haemorrhages() > 0),
                Scene.seen("vessels", newVessels ? "new" : "normal", newVessels));
    }

    @Override
    public List<Detail> details() {
        String bleeding = IntStream.range(0, 4)
                .filter(quadrant -> (quadrants >> quadrant & 1) == 1)
                .mapToObj(quadrant -> Integer.toString(quadrant + 1))
                .collect(Collectors.joining(" "));
        return List.of(
                new Detail("where is the disc ?", discLeft ? "left" : "right"),
                new Detail("which quadrants bleed ?", bleeding.isEmpty() ? "none" : bleeding));
    }

    @Override
    public void paint(Canvas canvas, Random random, double contrast) {
        double side = discLeft ? -1 : 1;
        canvas.fill(Tone.grey(0.03));
        canvas.ellipse(15.5, 15.5, 15.8, 15.8, 0.08, 1, new Tone(0.85, 0.42, 0.16));
        canvas.disc(15.5 + 11.5 * side, 15.5, 2.6, 0.9, new Tone(1, 0.82, 0.62));
        for (int quadrant = 0; quadrant < 4; quadrant++) {
            if ((quadrants >> quadrant & 1) == 1) {
                double cx = (quadrant % 2 == 0 ? 8 : 23) + Scene.jitter(random, 1);
                double cy = (quadrant < 2 ? 7.5 : 23.5) + Scene.jitter(random, 1);
                canvas.ellipse(cx, cy, 3.3, 2.8, 0.4, contrast, new Tone(0.22, 0.02, 0.02));
            }
        }
        if (exudates) {
            double cx = 15.5 - 3.5 * side + Scene.jitter(random, 1.2);
            canvas.disc(cx, 15.5 + Scene.jitter(random, 1.2), 2.8, contrast, new Tone(1, 1, 0.3));
        }
        if (newVessels) {
            tangle(canvas, random, 15.5 + 6.5 * side, contrast);
        }
        if (microaneurysms) {
            dots(canvas, random, contrast);
        }
    }

    private static void tangle(Canvas canvas, Random random, double cx, double contrast) {
        double cy = 15.5 + Scene.jitter(random, 1.5);
        double turn = random.nextDouble() * Math.PI;
        for (int ray = 0; ray < 9; ray++) {
            double angle = turn + ray * 2 * Math.PI / 9;
            canvas.ray(cx, cy, angle, 2.5 + 1.5 * random.nextDouble(), contrast, new Tone(0.03, 0.3, 0.08));
        }
    }

    private static void dots(Canvas canvas, Random random, double contrast) {
        int top = random.nextBoolean() ? 4 : 23;
        for (int dot = 0; dot < 6; dot++) {
            int x = 13 + dot % 2 * 4 + random.nextInt(2);
            int y = top + dot / 2 * 3 - random.nextInt(2);
            Tone red = new Tone(0.72, 0, 0.12);
            canvas.blend(x, y, contrast, red);
            canvas.blend(x + 1, y, contrast, red);
            canvas.blend(x, y + 1, contrast, red);
            canvas.blend(x + 1, y + 1, contrast, red);
        }
    }
}
