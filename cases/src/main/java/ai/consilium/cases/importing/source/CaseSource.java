package ai.consilium.cases.importing.source;

import java.nio.file.Path;
import java.util.function.Function;

/** A layout of files that holds questions with options. Field names are those of the publisher (docs/CASES.md, Import). */
public sealed interface CaseSource
        permits CsvTable,
                MedMcqa,
                MedMnist,
                MedQa,
                MedXpertQa,
                MmmuMed,
                OmniMedVqa,
                PmcVqa,
                PubMedQa,
                VlmEvalKitTable,
                YesNoVqa {
    /** What a person types. */
    String name();

    /** What is read, in words. */
    String layout();

    /** The licence that its publisher names, for a person to check. */
    String licence();

    /**
     * Reads every row.
     *
     * @param source the file, or the directory that holds it
     * @throws ai.consilium.cases.format.CaseException when a file as a whole cannot be used
     */
    void read(Path source, Rows rows);

    /** Takes the rows of a source. */
    @FunctionalInterface
    interface Rows {
        /** @param as makes something of the row; it throws a CaseException that names the field, when the row is malformed */
        void take(SourceRow row, Function<SourceRow, RowOutcome> as);
    }
}
