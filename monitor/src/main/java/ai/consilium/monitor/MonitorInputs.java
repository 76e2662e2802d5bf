package ai.consilium.monitor;

import ai.consilium.monitor.samples.CaseView;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a monitor is given beside the log.
 *
 * @param steps updates that each specialty is to reach: what progress and the time left are measured by
 * @param cases what records only name
 * @param conflict where the merger leaves its report of conflicts, if that is known here
 * @param observer whether it only looks: it then writes nothing to the log, not even dead letters
 */
public record MonitorInputs(
        int steps, CaseView cases, @Nullable Path conflict, boolean observer) {
    /** Of a monitor that knows nothing but the log. */
    public static MonitorInputs of(int steps) {
        return new MonitorInputs(steps, CaseView.NONE, null, false);
    }
}
