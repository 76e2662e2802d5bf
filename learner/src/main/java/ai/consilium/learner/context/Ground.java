package ai.consilium.learner.context;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.PolicyUpdate;
import java.util.Optional;

/**
 * What a course trains its adapter over: the model itself, or the model with an agent folded in.
 *
 * @param model to train over
 * @param folded the agent that lies in it; empty where it is the model itself
 */
public record Ground(PolicyModel model, Optional<Folded> folded, Runnable giveBack) implements AutoCloseable {
    /**
     * An agent in the weights.
     *
     * @param update that published it
     * @param agent its adapter
     * @param weightsSha256 of the weights that it changed
     */
    public record Folded(PolicyUpdate update, Adapter agent, String weightsSha256) {
        /** As the update of an adapter over it names it. */
        public FoldedAgent under(Adapter adapter) {
            return FoldedAgent.newBuilder()
                    .setVersion(update.getVersion())
                    .setAdapterHash(update.getAdapterHash())
                    .setAdapterBytes(update.getAdapterBytes())
                    .setChunks(update.getChunks())
                    .setWeightsSha256(weightsSha256)
                    .setWholeHash(adapter.beside(agent).hash())
                    .build();
        }
    }

    /** The model itself. */
    public static Ground of(PolicyModel model) {
        return new Ground(model, Optional.empty(), () -> {});
    }

    @Override
    public void close() {
        giveBack.run();
    }
}
