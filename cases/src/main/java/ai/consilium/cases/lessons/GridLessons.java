package ai.consilium.cases.lessons;

import ai.consilium.cases.clinic.Canvas;
import ai.consilium.cases.clinic.Canvas.Tone;
import ai.consilium.cases.clinic.Department;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lessons in seeing anything at all: figures of the 4 × 4 cells of an image, clinical or not. */
final class GridLessons {
    private static final int CELLS = 4;
    private static final int CELL = Canvas.SIDE / CELLS;

    /** A figure of a cell, from 0 to 9. */
    private enum Property {
        BRIGHTNESS,
        CONTRAST,
        REDNESS,
        DARKEST,
        BRIGHTEST;

        int of(Cell cell) {
            double value = switch (this) {
                case BRIGHTNESS -> 10 * cell.mean();
                case CONTRAST -> 30 * cell.spread();
                case REDNESS -> 2 + 10 * cell.redness();
                case DARKEST -> 10 * cell.least();
                case BRIGHTEST -> 10 * cell.most();
            };
            return (int) Math.max(0, Math.min(9, value));
        }
    }

    /** Figures over a cell's pixels: grey level from 0 to 1, red less blue. */
    private record Cell(double mean, double spread, double redness, double least, double most) {
        static Cell of(BufferedImage image, int cell) {
            int left = cell % CELLS * CELL;
            int top = cell / CELLS * CELL;
            double sum = 0;
            double squares = 0;
            double red = 0;
            double least = 1;
            double most = 0;
            for (int rgb : image.getRGB(left, top, CELL, CELL, null, 0, CELL)) {
                double grey = ((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) / 765.0;
                sum += grey;
                squares += grey * grey;
                red += ((rgb >> 16 & 255) - (rgb & 255)) / 255.0;
                least = Math.min(least, grey);
                most = Math.max(most, grey);
            }
            double count = CELL * CELL;
            double mean = sum / count;
            return new Cell(
                    mean, StrictMath.sqrt(Math.max(0, squares / count - mean * mean)), red / count, least, most);
        }
    }

    static Lesson grid(Random random) {
        BufferedImage image = anyImage(random);
        Property property = Property.values()[random.nextInt(Property.values().length)];
        String figures = IntStream.range(0, CELLS * CELLS)
                .mapToObj(cell -> Integer.toString(property.of(Cell.of(image, cell))))
                .collect(Collectors.joining(" "));
        return Lesson.done(image, "grid of " + property.name().toLowerCase(Locale.ROOT), figures);
    }

    static Lesson locate(Random random) {
        BufferedImage image = anyImage(random);
        boolean brightest = random.nextBoolean();
        int found = 0;
        for (int cell = 1; cell < CELLS * CELLS; cell++) {
            double lead = Cell.of(image, cell).mean() - Cell.of(image, found).mean();
            found = (brightest ? lead > 0 : lead < 0) ? cell : found;
        }
        String place = "row " + (found / CELLS + 1) + " column " + (found % CELLS + 1);
        return new Lesson(image, "where is the " + (brightest ? "brightest" : "darkest") + " cell ?", place, place);
    }

    /** A clinic image or, as often, one of no meaning. */
    static BufferedImage anyImage(Random random) {
        if (random.nextBoolean()) {
            List<Department> all = Department.ALL;
            return all.get(random.nextInt(all.size())).scene(random).render(random, 0.6 * random.nextDouble());
        }
        return meaningless(random);
    }

    /** A gradient with stripes, blobs and noise, in grey half of the time. */
    private static BufferedImage meaningless(Random random) {
        Canvas canvas = new Canvas();
        boolean grey = random.nextBoolean();
        Tone far = tone(random, grey);
        canvas.fill(tone(random, grey));
        double angle = random.nextDouble() * 2 * Math.PI;
        double frequency = random.nextBoolean() ? 0 : 0.2 + 0.8 * random.nextDouble();
        for (int y = 0; y < Canvas.SIDE; y++) {
            for (int x = 0; x < Canvas.SIDE; x++) {
                double along = (x - 15.5) * StrictMath.cos(angle) + (y - 15.5) * StrictMath.sin(angle);
                double share = frequency == 0 ? 0.5 + along / 44 : 0.5 + 0.5 * StrictMath.sin(frequency * along);
                canvas.blend(x, y, share, far);
            }
        }
        for (int blob = random.nextInt(6); blob > 0; blob--) {
            double rx = 1.5 + 4 * random.nextDouble();
            double ry = rx * (0.6 + 0.8 * random.nextDouble());
            canvas.ellipse(32 * random.nextDouble(), 32 * random.nextDouble(), rx, ry, 0.5, 1, tone(random, grey));
        }
        canvas.expose(random, 0, 0.1 * random.nextDouble());
        return canvas.image();
    }

    private static Tone tone(Random random, boolean grey) {
        double level = random.nextDouble();
        return grey ? Tone.grey(level) : new Tone(level, random.nextDouble(), random.nextDouble());
    }

    private GridLessons() {}
}
