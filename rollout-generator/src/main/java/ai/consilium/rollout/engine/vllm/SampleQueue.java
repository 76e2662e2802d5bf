package ai.consilium.rollout.engine.vllm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Requests that wait for a server. Servers take what they can answer when they have room, oldest first: so the work goes to
 * those that are quickest, and one that is away takes none. Thread-safe.
 */
final class SampleQueue {
    private final Deque<SampleRequest> waiting = new ArrayDeque<>();

    synchronized void add(List<SampleRequest> requests) {
        waiting.addAll(requests);
        notifyAll();
    }

    /** A request that was taken but not answered. */
    synchronized void putBack(SampleRequest request) {
        waiting.addFirst(request);
        notifyAll();
    }

    /** Waits for the oldest request whose policy a server has. */
    synchronized SampleRequest take(Predicate<String> policies) throws InterruptedException {
        while (true) {
            Iterator<SampleRequest> oldest = waiting.iterator();
            while (oldest.hasNext()) {
                SampleRequest request = oldest.next();
                if (!request.wanted()) {
                    oldest.remove();
                } else if (policies.test(request.policy())) {
                    oldest.remove();
                    return request;
                }
            }
            wait();
        }
    }

    /** A server can answer what it could not before. */
    synchronized void wake() {
        notifyAll();
    }

    /** Policies of the requests that wait. */
    synchronized Set<String> policies() {
        Set<String> policies = new TreeSet<>();
        waiting.stream().filter(SampleRequest::wanted).forEach(request -> policies.add(request.policy()));
        return policies;
    }
}
