package ai.consilium.policy.compute;

/** Lets long work on a compute thread be stopped between two of its operations, and be seen to get on. */
public final class Interrupts {
    private static final ThreadLocal<Runnable> LISTENER = ThreadLocal.withInitial(() -> () -> {});

    private Interrupts() {}

    /** Between two operations. @throws InterruptedException when the thread has been interrupted */
    public static void check(String what) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException(what + " was interrupted");
        }
        LISTENER.get().run();
    }

    /** Work that can be stopped. */
    public interface Work {
        void run() throws InterruptedException;
    }

    /** Does work on this thread. @param listener is told, on this thread, whenever {@link #check} is reached */
    public static void heard(Runnable listener, Work work) throws InterruptedException {
        Runnable before = LISTENER.get();
        LISTENER.set(listener);
        try {
            work.run();
        } finally {
            LISTENER.set(before);
        }
    }
}
