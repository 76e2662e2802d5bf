package ai.consilium.benchmarks.model;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.model.ModelDirectory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;

/** How a workload reaches a peer: a directory with workload.json, pixels.safetensors and a PEFT directory an adapter. */
final class PeerFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PeerFiles() {}

    /**
     * Writes them.
     *
     * @param images pixels by name, [patches, values]
     * @param adapters by the names of their directories
     */
    static void write(
            Path directory,
            ObjectNode workload,
            SortedMap<String, HostTensor> images,
            ModelDirectory model,
            Map<String, Adapter> adapters) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("workload.json"), JSON.writeValueAsString(workload));
            Files.write(directory.resolve("pixels.safetensors"), Safetensors.write(images, Map.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String base = model.path().toAbsolutePath().toString();
        String hash = model.hash();
        adapters.forEach(
                (name, adapter) -> adapter.writePeft(directory.resolve(name), base, hash, "Random, for a benchmark."));
    }
}
