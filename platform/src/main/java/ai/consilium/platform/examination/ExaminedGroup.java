package ai.consilium.platform.examination;

import ai.consilium.schemas.GroupOutcome;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One question of an examination. Its group's id says so, and no policy's name has an @: what an outcome is about is known from it
 * alone, in whatever order topics are read.
 *
 * @param policy that is examined
 * @param version of it
 * @param place of the case in the specialty's sample, from 0
 * @param perspective under which it is asked
 */
public record ExaminedGroup(String policy, long version, int place, String perspective) {
    /** The perspective without a guideline, by which versions are compared. */
    public static final String UNGUIDED = "none";

    private static final Pattern ID = Pattern.compile("([^@]+)@(\\d{1,18})-(\\d{1,9})(?:-(.+))?");

    /** A question without a guideline. */
    public ExaminedGroup(String policy, long version, int place) {
        this(policy, version, place, UNGUIDED);
    }

    /** The question that a group puts; empty for a group that is to be trained on. */
    public static Optional<ExaminedGroup> of(GroupOutcome outcome) {
        return of(outcome.getGroupId());
    }

    /** The question that a group puts, by its id. */
    public static Optional<ExaminedGroup> of(String groupId) {
        Matcher id = ID.matcher(groupId);
        return id.matches()
                ? Optional.of(new ExaminedGroup(
                        id.group(1),
                        Long.parseLong(id.group(2)),
                        Integer.parseInt(id.group(3)),
                        Objects.requireNonNullElse(id.group(4), UNGUIDED)))
                : Optional.empty();
    }

    /** Id of its group. */
    public String id() {
        String unguided = version(policy, version) + "-" + place;
        return perspective.equals(UNGUIDED) ? unguided : unguided + "-" + perspective;
    }

    /** Name of a version of a policy. */
    public static String version(String policy, long version) {
        return policy + "@" + version;
    }
}
