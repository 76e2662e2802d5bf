package ai.consilium.cases.lessons;

import java.awt.image.BufferedImage;

/** A pretraining item before its mark-up; texts in canonical words. */
record Lesson(BufferedImage image, String request, String thought, String answer) {
    /** Where the work is all in the thought. */
    static Lesson done(BufferedImage image, String request, String thought) {
        return new Lesson(image, request, thought, "done");
    }
}
