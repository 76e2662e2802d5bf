package ai.consilium.reward.scorer.http;

import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a reward server is sent, and what it answers. Pure. */
interface WireProtocol {
    /** Value of the key {@code protocol}. */
    String name();

    /** Whether a request may be about several trajectories. */
    default boolean batches() {
        return false;
    }

    /**
     * The body of a request, as what Jackson writes.
     *
     * @param asked one, or several where {@link #batches}
     * @param model that the server is to use; null where none is configured
     */
    Object question(List<ScoringRequest> asked, @Nullable String model);

    /**
     * What a reply says of each, in the order in which they were asked about.
     *
     * @throws UnexpectedReplyException when it is not a reply of this protocol
     */
    List<RawScore> answers(JsonNode reply, List<ScoringRequest> asked) throws UnexpectedReplyException;
}
