package ai.consilium.monitor.watchdog;

/**
 * Something that is wrong with a run; in JSON an entry of {@code alarms}.
 *
 * @param cause label of an {@link AlarmCause}
 * @param stage label of the {@link Stage} that does not do its part
 * @param subject which scorer, server, policy or disk; empty when there is only one
 * @param severity warning or critical
 * @param sinceMs epoch milliseconds
 * @param text what is wrong and what to do, for people
 */
public record Alarm(String cause, String stage, String subject, String severity, long sinceMs, String text) {}
