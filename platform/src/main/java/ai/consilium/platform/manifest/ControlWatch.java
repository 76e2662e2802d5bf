package ai.consilium.platform.manifest;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.RunManifest;
import java.util.List;
import java.util.Optional;

/** Follows what a run is told to do, for a process that is to end when the run is stopped. */
public final class ControlWatch implements Service {
    private final KafkaClients kafka;
    private final String role;
    private final ServiceThread thread;
    private volatile RunControl told;

    /** @param role whose process it is */
    public ControlWatch(KafkaClients kafka, String role) {
        this.kafka = kafka;
        this.role = role;
        this.told = ManifestLog.newest(kafka).map(RunControl::of).orElse(RunControl.GO);
        this.thread = new ServiceThread("control", this::follow);
    }

    /** Whether all processes of the run are to end, and to wait until it goes on. */
    public boolean stopped() {
        return told == RunControl.STOP;
    }

    private void follow(Pulse pulse) {
        try (ManifestLog log = new ManifestLog(kafka)) {
            Optional<RunManifest> newest = log.catchUp();
            while (!pulse.stopping()) {
                newest.map(RunControl::of).ifPresent(control -> told = control);
                pulse.idle("what the run is told to do");
                newest = log.follow();
            }
        }
    }

    @Override
    public String role() {
        return role;
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
    public void close() {
        thread.close();
    }
}
