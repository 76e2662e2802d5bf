package ai.consilium.platform.run;

import ai.consilium.schemas.RunManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The editions of a run's training cases. What comes out depends on the order of the manifest's revisions alone. */
public final class CaseEditions {
    private final List<CaseEdition> all;

    private CaseEditions(List<CaseEdition> all) {
        this.all = List.copyOf(all);
    }

    /** By all revisions of a run's manifest, in their order. */
    public static CaseEditions of(List<RunManifest> revisions) {
        List<CaseEdition> all = new ArrayList<>();
        for (RunManifest revision : revisions) {
            CaseEdition.of(revision)
                    .filter(edition ->
                            all.isEmpty() || !all.get(all.size() - 1).sha256().equals(edition.sha256()))
                    .ifPresent(all::add);
        }
        return new CaseEditions(all);
    }

    /** Oldest first. Of two that begin with one round the later is in force: no group was made of the other. */
    public List<CaseEdition> all() {
        return all;
    }

    /** The one in force in a round; empty where no manifest names any. */
    public Optional<CaseEdition> in(int round) {
        return all.stream().filter(edition -> edition.fromRound() <= round).reduce((a, b) -> b);
    }

    /** The one with this SHA-256 (hex). */
    public Optional<CaseEdition> of(String sha256) {
        return all.stream().filter(edition -> edition.sha256().equals(sha256)).findFirst();
    }
}
