package ai.consilium.runlog;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names one published version of a policy: {@code pediatrics@3}, {@code unified@latest}.
 *
 * @param option that names it, for messages
 * @param policy a specialty, or unified
 * @param version null for the latest: of a specialty the newest update, of unified what the gate let through last
 */
public record VersionSelector(
        String option, String policy, @Nullable Long version) {
    /** Between policy and version. */
    public static final String SIGN = "@";

    private static final String LATEST = "latest";
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*)@(latest|\\d{1,18})");
    private static final int SHOWN = 12;

    /** @throws UsageException naming the option when a text has another form */
    public static VersionSelector parse(String option, String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new UsageException(option + ": '" + text
                    + "' is no version: write POLICY@NUMBER or POLICY@latest, such as unified@latest");
        }
        return new VersionSelector(
                option, parts.group(1), parts.group(2).equals(LATEST) ? null : Long.valueOf(parts.group(2)));
    }

    /** The update that is meant. @throws UsageException naming the option and what there is when the log has none */
    public PolicyUpdate find(KafkaClients kafka) {
        List<PolicyUpdate> own = new ArrayList<>();
        TreeSet<String> policies = new TreeSet<>();
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, update -> {
            policies.add(update.getSpecialty());
            if (update.getSpecialty().equals(policy)) {
                own.add(update);
            }
        });
        return own.stream()
                .filter(this::isMeant)
                .reduce((earlier, later) -> version == null ? later : earlier)
                .orElseThrow(() -> new UsageException(option + ": " + missing(own, policies)));
    }

    /** As it is written. */
    public String text() {
        return policy + SIGN + (version == null ? LATEST : version);
    }

    private boolean isMeant(PolicyUpdate update) {
        return version == null
                ? !policy.equals(Topics.UNIFIED) || UnifiedAgent.isAgent(update)
                : Objects.equals(version, update.getVersion());
    }

    private String missing(List<PolicyUpdate> own, TreeSet<String> policies) {
        if (own.isEmpty()) {
            return "the run has published no version of " + policy + "; there are "
                    + (policies.isEmpty() ? "none yet" : "versions of " + String.join(", ", policies));
        }
        String versions = versions(own);
        return version == null
                ? "the gate has let no agent through yet; on the way there are versions " + versions + " of " + policy
                : policy + " has no version " + version + "; it has " + versions;
    }

    private static String versions(List<PolicyUpdate> own) {
        TreeSet<Long> all = new TreeSet<>();
        own.forEach(update -> all.add(update.getVersion()));
        return all.size() > SHOWN
                ? all.first() + " to " + all.last()
                : String.join(", ", all.stream().map(String::valueOf).toList());
    }
}
