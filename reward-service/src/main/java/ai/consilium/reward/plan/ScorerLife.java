package ai.consilium.reward.plan;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ScoringRevision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The life of a run's scorers: what becomes of the configuration in force when one is added, promoted, demoted or retired.
 * What is offered by a file is called NAME@HASH, and takes the place of NAME when it is promoted. Pure.
 *
 * @param inForce what the next prompts are scored by
 * @param earlier what was in force before, the newest first: retired scorers are there
 */
public record ScorerLife(ScoringDefinition inForce, List<ScoringDefinition> earlier) {
    private static final char OFFERED = '@';
    private static final int HASH_SHOWN = 8;
    private static final int LONGEST = 48;

    /**
     * A change.
     *
     * @param scorer that it is about, as it is from now on
     * @param told what changed, for people
     */
    public record Change(ScoringDefinition to, ScorerDefinition scorer, String told) {
        /** As a revision of the run. */
        public ScoringRevision revision() {
            return new ScoringRevision(to.config(), told);
        }
    }

    /** Copies what it is given. */
    public ScorerLife {
        earlier = List.copyOf(earlier);
    }

    /** The name of a scorer that a file defines. */
    public static String named(String file) {
        String name = file.replaceAll(".*[/\\\\:]", "").replaceAll("\\.[^.]*$", "");
        String plain =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]+", "-").replaceAll("^[^a-z]+", "");
        return plain.isEmpty() ? "rubric" : plain.substring(0, Math.min(plain.length(), LONGEST));
    }

    /** What a version of a scorer is called until it is promoted. */
    public static String offered(String name, String version) {
        return name + OFFERED + version.substring(0, HASH_SHOWN);
    }

    /** The name that an offered version is to take. */
    static String taken(String name) {
        int at = name.indexOf(OFFERED);
        return at < 0 ? name : name.substring(0, at);
    }

    /** Whether one is an offered version of another. */
    static boolean offers(ScorerDefinition one, String name) {
        return one.name().startsWith(name + OFFERED);
    }

    /**
     * Makes a scorer active: a shadow, an offered version (by its own name, or by the name that it is to take if it is the only
     * one), or one that was retired.
     */
    public Change promote(String name) {
        ScorerDefinition scorer = toPromote(name);
        String taken = taken(scorer.name());
        ScorerDefinition active = scorer.as(taken, true);
        List<ScorerDefinition> scorers = new ArrayList<>();
        boolean placed = false;
        for (ScorerDefinition one : inForce.scorers()) {
            if (one.name().equals(taken)) {
                scorers.add(active);
                placed = true;
            } else if (!one.name().equals(scorer.name())) {
                scorers.add(one);
            }
        }
        if (!placed) {
            scorers.add(active);
        }
        String as = taken.equals(scorer.name()) ? "" : " as " + taken;
        return change(scorers, active, scorer.name() + " is active" + as);
    }

    private static String offered(ScorerDefinition one) {
        return offered(taken(one.name()), one.version());
    }

    private ScorerDefinition toPromote(String name) {
        Optional<ScorerDefinition> exact = find(inForce, one -> one.name().equals(name));
        if (exact.isPresent() && exact.get().state() != ScorerState.ACTIVE) {
            return exact.get();
        }
        List<ScorerDefinition> versions =
                inForce.scorers().stream().filter(one -> offers(one, name)).toList();
        if (versions.size() == 1) {
            return versions.get(0);
        }
        if (versions.size() > 1) {
            throw new UsageException("'" + name + "' has several offered versions: " + names(versions));
        }
        if (exact.isPresent()) {
            throw new UsageException("'" + name + "' is active already");
        }
        return earlier.stream()
                .flatMap(before -> find(
                        before, one -> one.name().equals(name) || offered(one).equals(name))
                        .stream())
                .findFirst()
                .orElseThrow(() -> unknown(name));
    }

    /** Makes an active scorer a shadow. */
    public Change demote(String name) {
        ScorerDefinition scorer = present(name);
        if (scorer.state() != ScorerState.ACTIVE) {
            throw new UsageException("'" + name + "' is a shadow already");
        }
        ScorerDefinition shadow = scorer.as(name, false);
        return change(
                inForce.scorers().stream()
                        .map(one -> one.equals(scorer) ? shadow : one)
                        .toList(),
                shadow,
                name + " is a shadow");
    }

    /** Asks a scorer no more. */
    public Change retire(String name) {
        ScorerDefinition scorer = present(name);
        return change(
                inForce.scorers().stream().filter(one -> !one.equals(scorer)).toList(), scorer, name + " is retired");
    }

    /** Adds a shadow. */
    public Change add(ScorerDefinition scorer) {
        if (find(inForce, one -> one.name().equals(scorer.name())).isPresent()) {
            throw new UsageException("'" + scorer.name() + "' is there already: choose another name");
        }
        ScorerDefinition shadow = scorer.as(scorer.name(), false);
        List<ScorerDefinition> scorers = new ArrayList<>(inForce.scorers());
        scorers.add(shadow);
        return change(scorers, shadow, scorer.name() + " is a shadow");
    }

    /**
     * Offers what a file says by now, as a shadow in place of what it said before; empty when that is nothing new: it is in
     * force, or was offered once and was retired.
     *
     * @param read the file's scorer, under the name that it is to take
     * @param known names of all scorers that the run ever had
     */
    public Optional<Change> offer(ScorerDefinition read, Set<String> known) {
        String name = offered(read.name(), read.version());
        boolean offered = known.contains(name)
                || find(
                                inForce,
                                one -> taken(one.name()).equals(read.name())
                                        && one.version().equals(read.version()))
                        .isPresent();
        List<ScorerDefinition> scorers = new ArrayList<>(inForce.scorers());
        boolean superseded =
                scorers.removeIf(one -> offers(one, read.name()) && !one.name().equals(name));
        if (!offered) {
            scorers.add(read.as(name, false));
        } else if (!superseded) {
            return Optional.empty();
        }
        return Optional.of(change(scorers, read, offered ? read.name() + " is as it was" : name + " is a shadow"));
    }

    /** Scorers that were in force once and are not any more, each in its newest version. */
    public List<ScorerDefinition> retired() {
        List<ScorerDefinition> retired = new ArrayList<>();
        for (ScoringDefinition before : earlier) {
            for (ScorerDefinition one : before.scorers()) {
                Predicate<ScorerDefinition> same = other -> other.name().equals(one.name())
                        || (other.name().equals(taken(one.name()))
                                && other.version().equals(one.version()));
                if (find(inForce, same).isEmpty() && retired.stream().noneMatch(same)) {
                    retired.add(one);
                }
            }
        }
        return retired;
    }

    private Change change(List<ScorerDefinition> scorers, ScorerDefinition about, String told) {
        ScoringDefinition to = inForce.with(scorers);
        if (to.hash().equals(inForce.hash())) {
            throw new UsageException(
                    "'" + about.name() + "' is " + about.state().label() + " already");
        }
        ScoringRevision.problem(inForce.config(), to.config()).ifPresent(why -> {
            throw new UsageException("'" + about.name() + "' cannot be changed: " + why);
        });
        return new Change(to, about, told);
    }

    private ScorerDefinition present(String name) {
        return find(inForce, one -> one.name().equals(name)).orElseThrow(() -> unknown(name));
    }

    private UsageException unknown(String name) {
        return new UsageException("'" + name + "' is no scorer of this run; there are " + names(inForce.scorers()));
    }

    private static Optional<ScorerDefinition> find(ScoringDefinition in, Predicate<ScorerDefinition> which) {
        return in.scorers().stream().filter(which).findFirst();
    }

    private static String names(List<ScorerDefinition> scorers) {
        return scorers.stream().map(ScorerDefinition::name).collect(Collectors.joining(", "));
    }
}
