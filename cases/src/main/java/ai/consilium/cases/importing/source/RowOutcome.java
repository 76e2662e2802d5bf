package ai.consilium.cases.importing.source;

/** What a well-formed row is to an import. */
public sealed interface RowOutcome {
    /**
     * Not a question that can be used.
     *
     * @param reason the same words for all rows of a kind: they are counted
     */
    record Omission(String reason) implements RowOutcome {}

    /**
     * A case that has no specialty yet.
     *
     * @param split the publisher's own, where one file holds several: train, val or test; empty lets the import share it out
     */
    record Question(Draft draft, String split) implements RowOutcome {}
}
