package ai.consilium.reward;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Impediment;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.PictureReader;
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
        this(context, config, cases, PictureReader.AS_THEY_ARE);
    }

    /**
     * A service that has not started.
     *
     * @param cases the cases that trajectories refer to
     * @param pictures how judges are shown their images
     */
    public RewardService(RunContext context, RewardConfig config, CaseLibrary cases, PictureReader pictures) {
        this.loop = new RewardLoop(context, config, cases, pictures);
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
