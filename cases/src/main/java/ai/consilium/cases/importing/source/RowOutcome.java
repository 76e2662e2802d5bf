package ai.consilium.cases.importing.source;

/** What a well-formed row is to an import. */
public sealed interface RowOutcome {
    /**
     * Not a question that can be used.
     *
     * @param reason the same words for all rows of a kind: they are counted
     */
    record Omission(String reason) implements RowOutcome {}

    /** A case that has no specialty and no split yet. */
    record Question(Draft draft) implements RowOutcome {}
}
