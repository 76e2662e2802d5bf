package ai.consilium.policy.compute;

/** Lets long work on a compute thread be stopped between two of its operations. */
public final class Interrupts {
    private Interrupts() {}

    /** @throws InterruptedException when the thread has been interrupted */
    public static void check(String what) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException(what + " was interrupted");
        }
    }
}
