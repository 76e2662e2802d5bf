package ai.consilium.tracking.remote;

import ai.consilium.tracking.lines.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines of a file, on their way to a service: in order, each until it was taken. How many were taken stands in a file, so that
 * a restart goes on there; a line that was taken just before a kill is sent once more, and the services know it again by what it
 * says. A service that is away is asked again, ever more rarely. One thread.
 */
final class Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final long FIRST_WAIT_MS = 1_000;
    private static final long LONGEST_WAIT_MS = 60_000;

    /** Takes lines. */
    interface Receiver {
        /** Name for people. */
        String name();

        /** @return how many of the lines were taken */
        int take(List<String> lines) throws IOException, InterruptedException;
    }

    private final Path lines;
    private final Path taken;
    private final Receiver receiver;
    private int count;
    private long waitMs = FIRST_WAIT_MS;
    private long notBefore = System.nanoTime();
    private boolean away;

    /** @param taken file that holds how many were taken */
    Outbox(Path lines, Path taken, Receiver receiver) throws IOException {
        this.lines = lines;
        this.taken = taken;
        this.receiver = receiver;
        String known = Files.exists(taken) ? Files.readString(taken).strip() : "";
        this.count = known.matches("\\d{1,9}") ? Integer.parseInt(known) : 0;
    }

    /** Sends what there is, if it is time to. @return whether nothing is left */
    boolean send() throws IOException, InterruptedException {
        List<String> waiting = JsonLines.from(lines, count);
        while (!waiting.isEmpty()) {
            if (System.nanoTime() - notBefore < 0) {
                return false;
            }
            try {
                int more = receiver.take(waiting);
                keep(count + more);
                back();
            } catch (IOException | RuntimeException e) {
                later(e);
                return false;
            }
            waiting = JsonLines.from(lines, count);
        }
        return true;
    }

    private void keep(int now) throws IOException {
        count = now;
        Path aside = taken.resolveSibling(taken.getFileName() + ".new");
        Files.writeString(aside, now + "\n");
        Files.move(aside, taken, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void back() {
        if (away) {
            LOG.atInfo().addKeyValue("receiver", receiver.name()).log("answers again");
        }
        away = false;
        waitMs = FIRST_WAIT_MS;
    }

    /** Said once for each time that it goes away. */
    private void later(Exception why) {
        if (!away) {
            LOG.atWarn()
                    .addKeyValue("receiver", receiver.name())
                    .addKeyValue("reason", why.getMessage())
                    .log("cannot be sent to; the run goes on, and it is tried again");
        }
        away = true;
        notBefore = System.nanoTime() + waitMs * 1_000_000;
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
}
