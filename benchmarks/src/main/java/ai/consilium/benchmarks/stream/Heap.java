package ai.consilium.benchmarks.stream;

/** This process's heap. */
final class Heap {
    private Heap() {}

    /** What is in use after a collection. */
    static double usedMib() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20);
    }
}
