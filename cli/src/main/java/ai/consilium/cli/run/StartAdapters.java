package ai.consilium.cli.run;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.learner.context.GivenStarts;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.model.ModelDirectory;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Adapters that were trained elsewhere and that experts begin as ({@code start.agent}, {@code start.adapters}). */
public final class StartAdapters {
    /** Key of the agent. */
    static final String AGENT = "start.agent";
    /** Key of what single specialties begin as. */
    static final String ADAPTERS = "start.adapters.";

    private StartAdapters() {}

    /** Reads them. @throws UsageException naming the key of one that cannot be read, or does not fit the model */
    public static GivenStarts read(ConsiliumConfig config, ModelDirectory model) {
        String agent = config.start().agent();
        Map<String, Adapter> adapters = new HashMap<>();
        config.start()
                .adapters()
                .forEach((specialty, place) ->
                        adapters.put(specialty, read(ADAPTERS + specialty, place, config, model)));
        return new GivenStarts(
                agent.isBlank() ? Optional.empty() : Optional.of(read(AGENT, agent, config, model)), adapters);
    }

    private static Adapter read(String key, String place, ConsiliumConfig config, ModelDirectory model) {
        try {
            return Adapter.readPeft(LocalFiles.model(key, place, config), model);
        } catch (ModelException e) {
            throw new UsageException(key + ": " + e.getMessage(), e);
        }
    }
}
