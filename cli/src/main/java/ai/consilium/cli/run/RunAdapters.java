package ai.consilium.cli.run;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.runlog.PublishedVersions;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The adapters that a finished run is judged by, read back from its log.
 *
 * @param shared what all experts started from, if they did not start from the base
 * @param dsa supervised start by specialty
 * @param rl reinforced version that is merged, by specialty
 * @param merged the merged agent, if the gate let one through
 */
public record RunAdapters(
        @Nullable Adapter shared,
        Map<String, Adapter> dsa,
        Map<String, Adapter> rl,
        @Nullable Adapter merged) {
    /**
     * Reads the updates and fetches what they name.
     *
     * @param examined on how many cases versions were examined, by specialty, where the best is merged
     * @param from first version of the last round
     * @throws ai.consilium.platform.adapter.AdapterGoneException when a version is gone
     */
    public static RunAdapters fromLog(
            KafkaClients kafka, PolicyTable policies, Map<String, Integer> examined, long from) {
        PublishedVersions versions = PublishedVersions.read(kafka, examined, from);
        try (AdapterLog<Adapter> log = new AdapterLog<>(
                kafka, policies, Adapter::fromSafetensors, Adapter::hash, Adapter::beside, FastSha256::digest)) {
            return new RunAdapters(
                    versions.shared().map(log::fetch).orElse(null),
                    fetch(versions.dsa(), log),
                    fetch(versions.rl(), log),
                    versions.merged().map(log::fetch).orElse(null));
        }
    }

    /** The unified agent: the merged one, or what all experts started from where no merge was better. */
    @Nullable
    public Adapter unified() {
        return merged == null ? shared : merged;
    }

    private static Map<String, Adapter> fetch(Map<String, PolicyUpdate> updates, AdapterLog<Adapter> log) {
        Map<String, Adapter> out = new LinkedHashMap<>();
        updates.forEach((specialty, update) -> out.put(specialty, log.fetch(update)));
        return out;
    }

    /** Writes PEFT directories that name their base: shared, dsa/SPECIALTY, rl/SPECIALTY, unified. */
    public void write(Path directory, String baseModel, String baseHash, String cases) {
        if (shared != null) {
            String card = card("all specialties", "the experts' shared start", cases);
            shared.writePeft(directory.resolve("shared"), baseModel, baseHash, card);
        }
        dsa.forEach((specialty, adapter) -> adapter.writePeft(
                directory.resolve("dsa").resolve(specialty),
                baseModel,
                baseHash,
                card(specialty, "after domain-specific adaptation", cases)));
        rl.forEach((specialty, adapter) -> adapter.writePeft(
                directory.resolve("rl").resolve(specialty),
                baseModel,
                baseHash,
                card(specialty, "after reinforcement", cases)));
        Adapter unified = unified();
        if (unified != null) {
            String stage = merged == null
                    ? "the experts' shared start; merging them gave no better agent"
                    : "merged from the experts";
            unified.writePeft(directory.resolve("unified"), baseModel, baseHash, card("all specialties", stage, cases));
        }
    }

    /** What the card beside an adapter says. */
    public static String card(String specialty, String stage, String cases) {
        return "LoRA adapter of Consilium: " + specialty + ", " + stage + ". Trained on " + cases
                + ". Not for clinical use.";
    }
}
