package ai.consilium.monitor.watchdog;

/**
 * What a rule says of a run at one moment.
 *
 * @param subject tells symptoms of one cause apart: a scorer, a policy; empty when there can be one only
 * @param text what is wrong and what to do
 */
record Symptom(AlarmCause cause, String subject, String text) {
    /** By which it is known again. */
    record Key(AlarmCause cause, String subject) {}

    Key key() {
        return new Key(cause, subject);
    }

    Alarm alarm(long sinceMs) {
        return new Alarm(
                cause.label(), cause.stage().label(), subject, cause.severity().label(), sinceMs, text);
    }
}
