package ai.consilium.platform.run;

import ai.consilium.platform.UsageException;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What all processes of a run must agree on, as one of them knows it. The scheduler's settings are the run's: it writes them to
 * the log as a {@link RunManifest}. A role holds only what matters to it, and compares that with the manifest.
 *
 * @param version of Consilium
 * @param policies which policy has which partition
 * @param values by key: of configuration keys, and SHA-256 of files
 * @param revisable keys whose value a scheduler may change when it starts again; the others are the run's for good
 * @param cases of this host: where its training file begins with the run's cases, it has them, whatever follows
 */
public record RunSettings(
        String version,
        PolicyTable policies,
        SortedMap<String, String> values,
        Set<String> revisable,
        CasesHere cases) {
    /** Version of the meaning of a manifest's fields. */
    public static final int FORMAT = 1;

    private static final String SPECIALTIES = "specialties";
    private static final Set<String> CASES = Set.of(CaseEdition.SHA256, CaseEdition.IMAGES, CaseEdition.CASES);

    /** What is one thing in this process and another in the manifest. */
    private record Difference(String key, String here, String there, String advice) {
        Difference(String key, String here, String there) {
            this(key, here, there, "");
        }
    }

    /** Of a host whose files stay as they are. */
    public RunSettings(String version, PolicyTable policies, SortedMap<String, String> values, Set<String> revisable) {
        this(version, policies, values, revisable, CasesHere.AS_THEY_ARE);
    }

    /** Copies what it is given. */
    public RunSettings {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        revisable = Set.copyOf(revisable);
    }

    /** Of a run of which nothing but the specialties is known. */
    public static RunSettings of(List<String> specialties) {
        return new RunSettings("unknown", PolicyTable.of(specialties), new TreeMap<>(), Set.of());
    }

    /** The same under the partition table of a manifest, which may be longer than the one that a run begins with. */
    public RunSettings under(RunManifest manifest) {
        return new RunSettings(version, tableOf(manifest), values, revisable, cases);
    }

    /**
     * Compares all of it with a manifest.
     *
     * @throws UsageException with a line for each setting that differs
     */
    public void requireSameAs(RunManifest manifest) {
        refuse(manifest, differences(manifest));
    }

    /**
     * Compares what a scheduler may not change. Specialties may be added to those of the run.
     *
     * @throws UsageException with a line for each such setting that differs
     */
    public void requireContinues(RunManifest manifest) {
        boolean adds = !added(manifest).isEmpty();
        refuse(
                manifest,
                differences(manifest).stream()
                        .filter(difference -> !revisable.contains(difference.key()))
                        .filter(difference -> !(adds && difference.key().equals(SPECIALTIES)))
                        .toList());
    }

    /** @throws UsageException when a manifest has other specialties */
    public void requireSpecialties(RunManifest manifest) {
        refuse(manifest, specialties(manifest).stream().toList());
    }

    /** Specialties here that come behind all that a manifest has; none where it has others. */
    public List<String> added(RunManifest manifest) {
        List<String> here = policies.specialties();
        List<String> there = tableOf(manifest).specialties();
        return startsWith(here, there) ? here.subList(there.size(), here.size()) : List.of();
    }

    private static boolean startsWith(List<String> all, List<String> first) {
        return all.size() >= first.size() && all.subList(0, first.size()).equals(first);
    }

    /**
     * The manifest that a scheduler with these settings writes.
     *
     * @param newest the one on the log, if there is one
     * @param writer role and instance
     * @return empty when the one on the log says the same
     * @throws UsageException with a line for each setting that differs and that a scheduler may not change
     */
    public Optional<RunManifest> revise(Optional<RunManifest> newest, String runId, String writer, long nowMs) {
        newest.ifPresent(this::requireContinues);
        SortedMap<String, String> settings = newest.map(this::continued).orElse(values);
        if (newest.isPresent() && newest.get().getSettings().equals(settings)) {
            return Optional.empty();
        }
        return Optional.of(RunManifest.newBuilder()
                .setRunId(runId)
                .setRevision(newest.map(RunManifest::getRevision).orElse(0) + 1)
                // Only training cases begin with a round: CaseEdition.
                .setFromRound(newest.map(RunManifest::getFromRound).orElse(0))
                .setFormat(FORMAT)
                .setVersion(version)
                .setPolicies(newest.map(RunManifest::getPolicies).orElse(policies.policies()))
                .setPolicyRounds(newest.map(RunManifest::getPolicyRounds).orElse(List.of()))
                .setSettings(settings)
                .setWriter(writer)
                .setCreatedMs(nowMs)
                .build());
    }

    /** This process's settings, with what was said of the run since it began. */
    private SortedMap<String, String> continued(RunManifest manifest) {
        SortedMap<String, String> scored = ScoringRevision.kept(valuesFor(manifest), manifest);
        return EarlyEnd.kept(RunControl.kept(scored, manifest), manifest);
    }

    /** The manifest by which specialties that are {@link #added} are trained from a round on, with the held-out cases that came. */
    public RunManifest adding(RunManifest newest, int round, String writer, long nowMs) {
        PolicyTable table = tableOf(newest);
        for (String specialty : added(newest)) {
            table = table.append(specialty, round);
        }
        SortedMap<String, String> settings = new TreeMap<>(newest.getSettings());
        cases.heldOut(settings, added(newest)).keySet().forEach(key -> settings.put(key, values.get(key)));
        return RunManifest.newBuilder(next(newest, settings, writer, nowMs))
                .setPolicies(table.policies())
                .setPolicyRounds(table.rounds())
                .build();
    }

    /** The revision of a run that goes on which follows another and differs from it in its settings. */
    static RunManifest next(RunManifest newest, Map<String, String> settings, String writer, long nowMs) {
        return RunManifest.newBuilder(newest)
                .setRevision(newest.getRevision() + 1)
                .setSettings(settings)
                .setWriter(writer)
                .setCreatedMs(nowMs)
                .build();
    }

    /** In the order of their keys. What the manifest does not know cannot differ from it. */
    private List<Difference> differences(RunManifest manifest) {
        if (manifest.getFormat() > FORMAT) {
            throw new UsageException("run_id: %s was written in format %d by version %s; this version reads format %d"
                    .formatted(name(manifest), manifest.getFormat(), manifest.getVersion(), FORMAT));
        }
        List<Difference> differences = new ArrayList<>();
        specialties(manifest).ifPresent(differences::add);
        SortedMap<String, String> own = valuesFor(manifest);
        List<String> added = added(manifest);
        if (!added.isEmpty()) {
            cases.heldOut(manifest.getSettings(), added).forEach(own::replace);
        }
        Optional<Difference> behind = behind(own, manifest);
        behind.ifPresent(differences::add);
        own.forEach((key, here) -> {
            String there = manifest.getSettings().getOrDefault(key, here);
            boolean said = key.equals(CaseEdition.CASES) || behind.isPresent() && CASES.contains(key);
            if (!there.equals(here) && !said) {
                differences.add(new Difference(key, here, there));
            }
        });
        return differences;
    }

    private Optional<Difference> specialties(RunManifest manifest) {
        List<String> here = policies.specialties();
        List<String> there = tableOf(manifest).specialties();
        if (here.equals(there)) {
            return Optional.empty();
        }
        String advice = "";
        if (startsWith(there, here)) {
            advice = ": specialties were added; set what the run has, and start this again";
        } else if (startsWith(here, there)) {
            advice = ": specialties are added by the scheduler; start it before this";
        }
        return Optional.of(new Difference(SPECIALTIES, here.toString(), there.toString(), advice));
    }

    /** Where this host's training file begins with the run's cases, it has them. */
    public SortedMap<String, String> valuesFor(RunManifest manifest) {
        SortedMap<String, String> own = new TreeMap<>(values);
        if (values.containsKey(CaseEdition.SHA256)) {
            CaseEdition.of(manifest).map(cases::of).orElse(Map.of()).forEach(own::replace);
        }
        return own;
    }

    /** A file that has not grown as the run's has. */
    private static Optional<Difference> behind(Map<String, String> own, RunManifest manifest) {
        Optional<CaseEdition> run = CaseEdition.of(manifest);
        int here = Integer.parseInt(own.getOrDefault(CaseEdition.CASES, "0"));
        return run.filter(edition -> edition.fromRound() > 0
                        && here < edition.cases()
                        && !edition.sha256().equals(own.getOrDefault(CaseEdition.SHA256, edition.sha256())))
                .map(edition -> new Difference(
                        CaseEdition.CASES,
                        Integer.toString(here),
                        edition.told(),
                        ": copy the run's file, with its pictures, and start this again"));
    }

    private static PolicyTable tableOf(RunManifest manifest) {
        try {
            return PolicyTable.of(manifest);
        } catch (IllegalArgumentException e) {
            throw new UsageException("run_id: " + name(manifest) + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static void refuse(RunManifest manifest, List<Difference> differences) {
        if (!differences.isEmpty()) {
            throw new UsageException(differences.stream()
                    .map(difference -> "%s: %s here, %s in %s%s"
                            .formatted(
                                    difference.key(),
                                    difference.here(),
                                    difference.there(),
                                    name(manifest),
                                    difference.advice()))
                    .collect(Collectors.joining("\n")));
        }
    }

    private static String name(RunManifest manifest) {
        return "the manifest of run " + manifest.getRunId() + ", revision " + manifest.getRevision();
    }
}
