package ai.consilium.rollout.scheduler;

import ai.consilium.rollout.groups.GroupSet;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The scheduler's books: how many groups may still be admitted so that none is trained more than η versions after it
 * was sampled (docs/algorithms.md, Pacing and staleness), which groups are open, and when everything is over. A prompt
 * of a policy is admitted while its groups, less those that ended without training, are fewer than
 * min(⌈lead · η · B⌉ + (v + 1) · B, steps · B). A strategy that drops what is too old keeps a multiple of (η + 1) · B groups open instead.
 *
 * <p>A pure function of the set of records: prompts, outcomes and updates may be entered in any order and more than
 * once, so that reading the log again gives the same books. For each group the first outcome counts. Groups that have ended take next
 * to no memory. One thread only.
 */
public final class AdmissionController {
    private static final long UNPUBLISHED = -1;

    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final Map<String, OpenGroup> open = new LinkedHashMap<>();
    private final GroupSet ended;
    /** Ends of groups whose prompts have not been entered yet. */
    private final Map<String, Outcome> early = new HashMap<>();

    /** One policy's counts. */
    private static final class Account {
        private final Pace pace;
        private GroupSet prompted = new GroupSet();
        private long prompts;
        private long trained;
        private long freed;
        private long origin;
        private long version = UNPUBLISHED;
        private boolean finished;

        private Account(Pace pace) {
            this.pace = pace;
        }

        private long admissible() {
            if (version == UNPUBLISHED || finished) {
                return 0;
            }
            if (pace.drops()) {
                return Math.max(0, pace.mostOpen() - open());
            }
            long batch = pace.plan().batchSize();
            long allowed = Math.min(
                    pace.ahead() + (version - origin + 1) * batch, pace.plan().steps() * batch);
            return Math.max(0, allowed - (prompts - freed));
        }

        private long open() {
            return prompts - trained - freed;
        }
    }

    /**
     * An open group.
     *
     * @param groupId its id
     * @param specialty its specialty
     * @param policy that is trained on it
     */
    public record OpenGroup(String groupId, String specialty, String policy) {
        /** The group that a prompt opens. */
        static OpenGroup of(Prompt prompt) {
            return new OpenGroup(prompt.getGroupId(), prompt.getSpecialty(), PolicyTable.policyOf(prompt));
        }
    }

    /**
     * What the books hold.
     *
     * @param accounts by policy
     * @param open groups without an end, in the order in which they were prompted
     * @param ended every group with an end
     * @param early ends of groups whose prompts are not known yet
     */
    public record Content(
            Map<String, AccountContent> accounts,
            List<OpenGroup> open,
            GroupSet.Content ended,
            Map<String, Outcome> early) {}

    /** One policy's counts, and the groups that were prompted. */
    public record AccountContent(
            GroupSet.Content prompted,
            long prompts,
            long trained,
            long freed,
            long origin,
            long version,
            boolean finished) {}

    /** Empty books of the policies that prompts are admitted for, in the order in which they take turns. */
    public AdmissionController(Map<String, Pace> paces) {
        paces.forEach((policy, pace) -> accounts.put(policy, new Account(pace)));
        ended = new GroupSet();
    }

    /** Books that hold what others held. @param paces of the same policies */
    AdmissionController(Map<String, Pace> paces, Content content) {
        paces.forEach((policy, pace) -> accounts.put(policy, new Account(pace)));
        content.accounts().forEach((policy, of) -> {
            Account account = account(policy);
            account.prompted = new GroupSet(of.prompted());
            account.prompts = of.prompts();
            account.trained = of.trained();
            account.freed = of.freed();
            account.origin = of.origin();
            account.version = of.version();
            account.finished = of.finished();
        });
        content.open().forEach(group -> open.put(group.groupId(), group));
        ended = new GroupSet(content.ended());
        early.putAll(content.early());
    }

    /** What they hold. */
    Content content() {
        Map<String, AccountContent> of = new LinkedHashMap<>();
        accounts.forEach((policy, account) -> of.put(
                policy,
                new AccountContent(
                        account.prompted.content(),
                        account.prompts,
                        account.trained,
                        account.freed,
                        account.origin,
                        account.version,
                        account.finished)));
        return new Content(of, open(), ended.content(), Map.copyOf(early));
    }

    /** The policies that prompts are admitted for. */
    public List<String> policies() {
        return List.copyOf(accounts.keySet());
    }

    /** Whether prompts are admitted for a policy. */
    boolean has(String policy) {
        return accounts.containsKey(policy);
    }

    /** A policy begins with this version, which is not the product of one of its steps. */
    public void begun(String policy, long version) {
        Account account = account(policy);
        account.origin = version;
        account.version = Math.max(account.version, version);
    }

    /** A prompt stands in the log. */
    public void prompted(OpenGroup group) {
        Account account = account(group.policy());
        if (account.prompted.add(group.groupId())) {
            account.prompts++;
            if (ended.contains(group.groupId())) {
                count(account, Objects.requireNonNull(early.remove(group.groupId()), group.groupId()));
            } else {
                open.put(group.groupId(), group);
            }
        }
    }

    /**
     * A group ended.
     *
     * @return whether this is its first end, the one that counts
     */
    public boolean ended(String groupId, Outcome outcome) {
        if (!ended.add(groupId)) {
            return false;
        }
        OpenGroup group = open.remove(groupId);
        if (group == null) {
            early.put(groupId, outcome);
        } else {
            count(account(group.policy()), outcome);
        }
        return true;
    }

    /**
     * A version was published. Its groups are entered as trained: the update and their outcomes are one transaction,
     * but lie on two topics, and reading the update first must not make the groups look open.
     */
    public void published(String policy, long version, boolean finalVersion, Collection<String> groupIds) {
        Account account = account(policy);
        account.version = Math.max(account.version, version);
        account.finished |= finalVersion;
        groupIds.forEach(id -> ended(id, Outcome.TRAINED));
    }

    /** How many groups of a policy may be admitted now; 0 before its first version and after its last. */
    public long admissible(String policy) {
        return account(policy).admissible();
    }

    /** Number of a policy's prompts, which is the number of its next one. */
    public long prompts(String policy) {
        return account(policy).prompts;
    }

    /** Groups of a policy without an end. */
    public long openCount(String policy) {
        return account(policy).open();
    }

    /** Newest version of a policy, or -1 before its first. */
    public long version(String policy) {
        return account(policy).version;
    }

    /** Policy of a group that was prompted. */
    Optional<String> policyOf(String groupId) {
        return accounts.entrySet().stream()
                .filter(account -> account.getValue().prompted.contains(groupId))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Every group without an end, in the order in which they were prompted. */
    public List<OpenGroup> open() {
        return List.copyOf(open.values());
    }

    /** The unified agent's turn comes when all others are over. */
    private List<String> due() {
        boolean others = accounts.entrySet().stream()
                .allMatch(entry -> entry.getKey().equals(Topics.UNIFIED) || entry.getValue().finished);
        return accounts.keySet().stream()
                .filter(policy -> others || !policy.equals(Topics.UNIFIED))
                .toList();
    }

    /** Whether every policy's last version is published. */
    public boolean over() {
        return accounts.values().stream().allMatch(account -> account.finished);
    }

    /** What the scheduler waits for when nothing may be admitted, for people. */
    public String waitingFor() {
        List<String> causes = new ArrayList<>();
        due().forEach(policy -> {
            Account account = account(policy);
            if (account.version == UNPUBLISHED) {
                causes.add(policy + ": its first version");
            } else if (!account.finished) {
                causes.add(policy + ": version " + (account.version + 1) + " (" + openCount(policy)
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

    private Account account(String policy) {
        Account account = accounts.get(policy);
        if (account == null) {
            throw new IllegalArgumentException(
                    "the log has records of policy '" + policy + "', but the run has " + accounts.keySet());
        }
        return account;
    }
}
