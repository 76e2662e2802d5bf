package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Random;

/** What is to be seen in one image, before noise and difficulty. */
public sealed interface Scene permits ChestFilm, Fundus, Dermoscopy {
    /** A plain question about the image and its answer, in canonical words; never a diagnosis. */
    record Detail(String question, String answer) {}

    /** The visual findings in the wording and order of the traces. */
    List<Finding> findings();

    /** More that a base model may be asked about the image. */
    List<Detail> details();

    /** Paints without noise. @param contrast of the findings, from 0 to 1 */
    void paint(Canvas canvas, Random random, double contrast);

    /** Renders; difficulty takes contrast away and adds noise. */
    default BufferedImage render(Random random, double difficulty) {
        Canvas canvas = new Canvas();
        paint(canvas, random, 1 - 0.5 * difficulty);
        canvas.expose(random, 0.02 + 0.06 * difficulty, 0.01 + 0.12 * difficulty);
        return canvas.image();
    }

    /** A visual finding. */
    static Finding seen(String name, String value, boolean abnormal) {
        return new Finding(name, value, "image", abnormal);
    }

    /** A visual finding that is there or not. */
    static Finding seen(String name, boolean present) {
        return seen(name, present ? "yes" : "no", present);
    }

    /** Uniform between −size and size. */
    static double jitter(Random random, double size) {
        return size * (2 * random.nextDouble() - 1);
    }
}
