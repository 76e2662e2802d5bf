package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.CaseException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public data sets that can be imported. */
public final class CaseSources {
    /** In the order in which they are listed. */
    public static final List<CaseSource> PUBLIC = List.of(
            new MedXpertQa(),
            new OmniMedVqa(),
            new PmcVqa(),
            YesNoVqa.SLAKE,
            YesNoVqa.VQA_RAD,
            YesNoVqa.PATH_VQA,
            new MmmuMed(),
            new MedMnist(),
            new VlmEvalKitTable(),
            new PubMedQa(),
            new MedMcqa(),
            new MedQa());

    /** One of them. @throws CaseException listing the names, when it is none */
    public static CaseSource named(String name) {
        return PUBLIC.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CaseException("NAME: '" + name + "' is not one of "
                        + Stream.concat(PUBLIC.stream().map(CaseSource::name), Stream.of(CsvTable.NAME))
                                .collect(Collectors.joining(", "))));
    }

    private CaseSources() {}
}
