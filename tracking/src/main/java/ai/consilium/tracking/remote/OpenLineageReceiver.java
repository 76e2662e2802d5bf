package ai.consilium.tracking.remote;

import java.io.IOException;
import java.util.List;

/**
 * Sends events to a service that takes OpenLineage's, such as Marquez.
 *
 * @param caller of its address, such as {@code http://host:5000/api/v1/lineage}
 */
record OpenLineageReceiver(JsonCaller caller) implements Outbox.Receiver {
    @Override
    public String name() {
        return "lineage.openlineage_url";
    }

    @Override
    public int take(List<String> lines) throws IOException, InterruptedException {
        caller.post("", lines.get(0)).require("an OpenLineage event");
        return 1;
    }
}
