package ai.consilium.policy.training;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adds the parts of a batch up in their order, whichever order they come in, so that the sum has the same bits whoever computed them.
 * One that comes early waits, with its memory. Compute threads add to it.
 */
final class GradientSum implements AutoCloseable {
    private final Script script;
    private final Scope into;
    private final List<Tensor> total = new ArrayList<>();
    private final SortedMap<Integer, Early> early = new TreeMap<>();
    private double loss;
    private int next;

    private record Early(GradientAccumulator.Result result, Scope owner) {}

    /** @param into owns the sum */
    GradientSum(Script script, Scope into) {
        this.script = script;
        this.into = into;
    }

    /** @param owner of its gradients; closed once they are added */
    synchronized void add(int part, GradientAccumulator.Result result, Scope owner) {
        early.put(part, new Early(result, owner));
        for (Early due = early.remove(next); due != null; due = early.remove(next)) {
            try (Scope added = due.owner()) {
                add(due.result());
            }
            next++;
        }
    }

    /** How many parts it was given. */
    synchronized int added() {
        return next + early.size();
    }

    private void add(GradientAccumulator.Result part) {
        loss += part.loss();
        if (total.isEmpty()) {
            part.gradients().forEach(gradient -> total.add(into.adopt(gradient)));
        } else {
            try (Scope own = Scope.open()) {
                script.call(own, "add_all", total, part.gradients());
            }
        }
    }

    /** Of the parts that were added. */
    synchronized GradientAccumulator.Result result() {
        return new GradientAccumulator.Result(loss, total);
    }

    /** Frees what waits for a part that never came. */
    @Override
    public synchronized void close() {
        early.values().forEach(waiting -> waiting.owner().close());
        early.clear();
    }
}
