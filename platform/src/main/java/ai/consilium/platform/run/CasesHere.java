package ai.consilium.platform.run;

import java.util.Collection;
import java.util.Map;

/** What a host has of the cases of its run, to which lines may be added while the run goes on. */
@FunctionalInterface
public interface CasesHere {
    /** A host that does not look at them, or takes its file for the run's as it is. */
    CasesHere AS_THEY_ARE = edition -> Map.of();

    /**
     * Settings of the edition as it is here, where the host's file begins with it; empty where it does not: then the host has
     * what its settings say.
     *
     * @return values by {@link CaseEdition#SHA256}, {@link CaseEdition#IMAGES} and {@link CaseEdition#CASES}
     * @throws ai.consilium.platform.UsageException when a picture cannot be read
     */
    Map<String, String> of(CaseEdition edition);

    /**
     * Settings of the run's held-out files that have grown here by cases of specialties that are added to the run.
     *
     * @param settings of the run
     * @param added specialties
     * @return by key, what the run has
     * @throws ai.consilium.platform.UsageException when a file has grown by something else
     */
    default Map<String, String> heldOut(Map<String, String> settings, Collection<String> added) {
        return Map.of();
    }
}
