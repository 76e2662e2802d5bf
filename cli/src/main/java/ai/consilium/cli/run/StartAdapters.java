package ai.consilium.cli.run;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.model.ModelDirectory;
import java.util.SortedMap;
import java.util.TreeMap;

/** Adapters that were trained elsewhere and that experts begin as ({@code start.adapters}). */
public final class StartAdapters {
    private StartAdapters() {}

    /** Reads them. @throws UsageException naming the key of one that cannot be read, or does not fit the model */
    public static SortedMap<String, Adapter> read(ConsiliumConfig config, ModelDirectory model) {
        SortedMap<String, Adapter> adapters = new TreeMap<>();
        config.start().adapters().forEach((specialty, directory) -> {
            String key = "start.adapters." + specialty;
            try {
                adapters.put(specialty, Adapter.readPeft(LocalFiles.model(key, directory, config), model));
            } catch (ModelException e) {
                throw new UsageException(key + ": " + e.getMessage(), e);
            }
        });
        return adapters;
    }
}
