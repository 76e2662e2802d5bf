package ai.consilium.reward;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Impediment;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.reward.config.RewardConfig;
import java.util.List;

/** The role {@code reward}: scores every trajectory by the plan that its prompt was stamped with. Run as many as needed. */
public final class RewardService implements Service {
    private final RewardLoop loop;
    private final ServiceThread thread;

    /**
     * A service that has not started.
     *
     * @param cases the cases that trajectories refer to
     */
    public RewardService(RunContext context, RewardConfig config, CaseLibrary cases) {
        this.loop = new RewardLoop(context, config, cases);
        this.thread = new ServiceThread("reward", loop);
    }

    @Override
    public String role() {
        return "reward";
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public List<ServiceThread> threads() {
        return List.of(thread);
    }

    @Override
    public List<Impediment> impediments() {
        return loop.impediments();
    }

    @Override
    public void close() {
        thread.close();
    }
}
