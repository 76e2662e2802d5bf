package ai.consilium.platform.service;

import java.util.List;

/** One role of a run in this process. Built from its configuration, started once, closed once. */
public interface Service extends AutoCloseable {
    /** Role name, as in {@code consilium run ROLE}. */
    String role();

    /** Starts its threads and returns; refuses what it can refuse at once. */
    void start();

    /** The threads of the service, each with its heartbeat. */
    List<ServiceThread> threads();

    /** Whether its part of the run is over: every thread has ended by itself. */
    default boolean finished() {
        return threads().stream().allMatch(ServiceThread::ended);
    }

    /** What outside this process keeps it from its work, as far as it knows; empty when nothing does. */
    default List<Impediment> impediments() {
        return List.of();
    }

    /** Asks the threads to stop, waits for them, closes clients. */
    @Override
    void close();
}
