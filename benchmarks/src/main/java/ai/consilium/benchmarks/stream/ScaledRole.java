package ai.consilium.benchmarks.stream;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.schemas.Topics;

/** A role of which several instances share the work, and the input that the rest of a run would give them. */
interface ScaledRole {
    /** Where the work of an instance comes out. */
    Topics output();

    /** Records that a group comes out as. */
    int recordsPerGroup();

    /** Another instance, which has not started; its threads are made by the caller's. */
    Service instance(RunContext context);

    /** Sends the input of one group of {@link SyntheticGroups#SIZE} trajectories. */
    void send(int group);
}
