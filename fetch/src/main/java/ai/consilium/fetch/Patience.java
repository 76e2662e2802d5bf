package ai.consilium.fetch;

import java.time.Duration;

/**
 * What is put up with.
 *
 * @param tries of a file in a row that bring nothing new
 * @param pause after the first that failed; each further one is twice as long
 * @param silence of a web server in the middle of a file
 */
record Patience(int tries, Duration pause, Duration silence) {
    static final Patience USUAL = new Patience(6, Duration.ofMillis(500), Duration.ofSeconds(60));

    Duration pause(int failures) {
        return pause.multipliedBy(1L << (failures - 1));
    }
}
