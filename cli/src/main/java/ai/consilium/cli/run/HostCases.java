package ai.consilium.cli.run;

import ai.consilium.cases.check.HeldOutGrowth;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseException;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.CasesHere;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What the case files of this host have of those of a run.
 *
 * @param adds whether the role may add specialties, and with them held-out cases
 * @param pictures whether the role looks at them
 */
record HostCases(CaseLibrary cases, boolean adds, boolean pictures) implements CasesHere {
    @Override
    public Map<String, String> of(CaseEdition edition) {
        try {
            Map<String, String> here = new HashMap<>();
            cases.edition(CaseLibrary.TRAINING_FILE, edition.sha256()).ifPresent(file -> {
                here.put(CaseEdition.SHA256, file.sha256());
                here.put(CaseEdition.CASES, Integer.toString(file.cases().size()));
                if (pictures) {
                    here.put(CaseEdition.IMAGES, cases.imagesSha256(file));
                }
            });
            return here;
        } catch (CaseException e) {
            throw unusable(e);
        }
    }

    @Override
    public Map<String, String> heldOut(Map<String, String> settings, Collection<String> added) {
        Map<String, String> ofRun = new HashMap<>();
        if (adds) {
            HostSettings.heldOutFiles(settings).forEach((file, sha256) -> {
                if (!sha256.equals(cases.asRead(file).sha256())) {
                    grown(file, sha256, added, ofRun);
                }
            });
        }
        return ofRun;
    }

    private void grown(String file, String sha256, Collection<String> added, Map<String, String> ofRun) {
        try {
            HeldOutGrowth.ofRun(cases, file, sha256, added).ifPresent(had -> {
                ofRun.put(HostSettings.sha256(file), sha256);
                ofRun.put(HostSettings.imagesSha256(file), cases.imagesSha256(had));
            });
        } catch (CaseException e) {
            throw unusable(e);
        }
    }

    private static UsageException unusable(CaseException e) {
        return new UsageException("data_root: " + e.getMessage(), e);
    }
}
