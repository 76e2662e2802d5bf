package ai.consilium.cli.doctor;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about one thing.
 *
 * @param subject such as memory
 * @param detail what is there
 * @param advice what to do about it; null where there is nothing to do
 */
public record Finding(
        Status status,
        String subject,
        String detail,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String advice) {
    /** How grave it is. */
    public enum Status {
        /** As it should be. */
        OK,
        /** A run goes, but worse than it could. */
        WARNING,
        /** A run would not go. */
        PROBLEM
    }

    static Finding ok(String subject, String detail) {
        return new Finding(Status.OK, subject, detail, null);
    }

    static Finding warning(String subject, String detail, String advice) {
        return new Finding(Status.WARNING, subject, detail, advice);
    }

    static Finding problem(String subject, String detail) {
        return new Finding(Status.PROBLEM, subject, detail, null);
    }
}
