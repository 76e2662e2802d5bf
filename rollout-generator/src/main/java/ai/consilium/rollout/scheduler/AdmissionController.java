package ai.consilium.rollout.scheduler;

import ai.consilium.schemas.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The scheduler's books: how many groups may still be admitted so that none is trained more than η versions after it
 * was sampled (docs/algorithms.md, Pacing and staleness), which groups are open, and when everything is over. A prompt
 * of a specialty is admitted while its groups, less those that ended without training, are fewer than min((η + v + 1) ·
 * B, steps · B). A strategy that drops what is too old keeps a multiple of (η + 1) · B groups open instead.
 *
 * <p>A pure function of the set of records: prompts, outcomes and updates may be entered in any order and more than
 * once, so that reading the log again gives the same books. For each group the first outcome counts. One thread only.
 */
public final class AdmissionController {
    private static final long UNPUBLISHED = -1;

    private final int batchSize;
    private final int maxOffPolicySteps;
    private final int steps;
    private final SchedulerConfig.Staleness staleness;
    private final long mostOpen;
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final Map<String, String> specialtyByGroup = new LinkedHashMap<>();
    private final Map<String, Outcome> ends = new HashMap<>();

    /** One specialty's counts. */
    private static final class Account {
        private long prompts;
        private long trained;
        private long freed;
        private long version = UNPUBLISHED;
        private boolean finished;
    }

    /**
     * An open group.
     *
     * @param groupId its id
     * @param specialty its specialty
     */
    public record OpenGroup(String groupId, String specialty) {}

    /** Empty books. */
    public AdmissionController(List<String> specialties, SchedulerConfig config) {
        this.batchSize = config.batchSize();
        this.maxOffPolicySteps = config.maxOffPolicySteps();
        this.steps = config.steps();
        this.staleness = config.staleness();
        this.mostOpen = config.mostUnderWay();
        specialties.forEach(specialty -> accounts.put(specialty, new Account()));
    }

    /** A prompt stands in the log. */
    public void prompted(String groupId, String specialty) {
        Account account = account(specialty);
        if (specialtyByGroup.putIfAbsent(groupId, specialty) == null) {
            account.prompts++;
            Outcome end = ends.get(groupId);
            if (end != null) {
                count(account, end);
            }
        }
    }

    /**
     * A group ended.
     *
     * @return whether this is its first end, the one that counts
     */
    public boolean ended(String groupId, Outcome outcome) {
        if (ends.putIfAbsent(groupId, outcome) != null) {
            return false;
        }
        String specialty = specialtyByGroup.get(groupId);
        if (specialty != null) {
            count(account(specialty), outcome);
        }
        return true;
    }

    /**
     * A version was published. Its groups are entered as trained: the update and their outcomes are one transaction,
     * but lie on two topics, and reading the update first must not make the groups look open.
     */
    public void published(String specialty, long version, boolean finalVersion, Collection<String> groupIds) {
        Account account = account(specialty);
        account.version = Math.max(account.version, version);
        account.finished |= finalVersion;
        groupIds.forEach(id -> ended(id, Outcome.TRAINED));
    }

    /** How many groups of a specialty may be admitted now; 0 before its first version and after its last. */
    public long admissible(String specialty) {
        Account account = account(specialty);
        if (account.version == UNPUBLISHED || account.finished) {
            return 0;
        }
        if (staleness.drops()) {
            return Math.max(0, mostOpen - openCount(specialty));
        }
        long versionsAllowed = Math.min(maxOffPolicySteps + account.version + 1, steps);
        return Math.max(0, versionsAllowed * batchSize - (account.prompts - account.freed));
    }

    /** Number of a specialty's prompts, which is the number of its next one. */
    public long prompts(String specialty) {
        return account(specialty).prompts;
    }

    /** Groups of a specialty without an end. */
    public long openCount(String specialty) {
        Account account = account(specialty);
        return account.prompts - account.trained - account.freed;
    }

    /** Newest version of a specialty, or -1 before its first. */
    public long version(String specialty) {
        return account(specialty).version;
    }

    /** Every group without an end, in the order in which they were prompted. */
    public List<OpenGroup> open() {
        List<OpenGroup> open = new ArrayList<>();
        specialtyByGroup.forEach((id, specialty) -> {
            if (!ends.containsKey(id)) {
                open.add(new OpenGroup(id, specialty));
            }
        });
        return open;
    }

    /** Whether every specialty's first version is published. */
    public boolean started() {
        return accounts.values().stream().noneMatch(account -> account.version == UNPUBLISHED);
    }

    /** Whether every specialty's last version is published. */
    public boolean over() {
        return accounts.values().stream().allMatch(account -> account.finished);
    }

    /** What the scheduler waits for when nothing may be admitted, for people. */
    public String waitingFor() {
        List<String> causes = new ArrayList<>();
        accounts.forEach((specialty, account) -> {
            if (account.version == UNPUBLISHED) {
                causes.add(specialty + ": its first version");
            } else if (!account.finished) {
                causes.add(specialty + ": version " + (account.version + 1) + " (" + openCount(specialty)
                        + " groups in flight)");
            }
        });
        return String.join(", ", causes);
    }

    private static void count(Account account, Outcome outcome) {
        if (outcome == Outcome.TRAINED) {
            account.trained++;
        } else {
            account.freed++;
        }
    }

    private Account account(String specialty) {
        Account account = accounts.get(specialty);
        if (account == null) {
            throw new IllegalArgumentException(
                    "the log has records of specialty '" + specialty + "', but the run has " + accounts.keySet());
        }
        return account;
    }
}
