package ai.consilium.runlog.provenance;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run's log says of a version, a group or a trajectory.
 *
 * @param id that was asked for
 * @param kind version, group or trajectory
 * @param version that was asked for, or that was trained on what was asked for; null where none was
 * @param groups that the version was trained on; else the group that was asked for, or the trajectory's with that trajectory only
 */
public record Provenance(String id, String kind, @Nullable TracedVersion version, List<TracedGroup> groups) {
    static final String VERSION = "version";
    static final String GROUP = "group";
    static final String TRAJECTORY = "trajectory";
}
