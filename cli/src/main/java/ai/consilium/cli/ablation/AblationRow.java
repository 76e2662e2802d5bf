package ai.consilium.cli.ablation;

import static ai.consilium.platform.config.Require.require;

import java.util.List;
import java.util.Set;

/**
 * One row of an ablation: what it sets, and by that what it takes to get it.
 *
 * @param name for tables and directories
 * @param set {@code KEY=VALUE}, each as for {@code --set}
 */
public record AblationRow(String name, List<String> set) {
    /** The row whose experts the others merge. */
    static final String MERGED = "gba";

    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,47}";
    private static final String MERGER = "merger.";
    private static final String CONSOLIDATE = "merger.consolidate.";

    /**
     * Rows with other cases or seeds would not differ in their method alone; the rest names runs. {@code steps} may differ: methods
     * that filter fewer groups take more of them for the same number of sampled tokens, which the table shows.
     */
    private static final Set<String> COMMON =
            Set.of("seed", "batch_size", "group_size", "data_root", "specialties", "run_id", "instance");

    /** What a row takes. */
    public enum Kind {
        /** A run, whose experts are measured, each on its own specialty. */
        EXPERTS,
        /** A run with consolidation, whose agent is measured. */
        CONSOLIDATED,
        /** A merge of the experts of row {@value #MERGED}; its agent is measured. */
        MERGE;

        boolean trains() {
            return this != MERGE;
        }

        /** The row of a run's results that counts. */
        String policy() {
            return this == EXPERTS ? "rl" : "unified";
        }

        /** Who is measured, for people. */
        String measured() {
            return this == EXPERTS ? "experts" : "agent";
        }
    }

    /** Checks both. */
    public AblationRow {
        set = List.copyOf(set);
        require(
                name != null && name.matches(NAME),
                "name: must be letters, digits, - and _, at most 48, not '" + name + "'");
        for (String setting : set) {
            require(setting.indexOf('=') > 0, "set: '" + setting + "' of row " + name + " is not KEY=VALUE");
            require(
                    !COMMON.contains(key(setting)),
                    "set: " + key(setting) + " of row " + name + " must be the same in all rows: give it with --set");
        }
    }

    /** Told by its keys. */
    public Kind kind() {
        if (set.stream().anyMatch(setting -> setting.startsWith(CONSOLIDATE))) {
            return Kind.CONSOLIDATED;
        }
        boolean mergesOnly = !set.isEmpty() && set.stream().allMatch(setting -> setting.startsWith(MERGER));
        return mergesOnly ? Kind.MERGE : Kind.EXPERTS;
    }

    private static String key(String setting) {
        return setting.substring(0, setting.indexOf('=')).strip();
    }
}
