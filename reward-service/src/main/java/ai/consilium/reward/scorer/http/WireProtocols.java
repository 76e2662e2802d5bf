package ai.consilium.reward.scorer.http;

import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The protocols that there are. */
final class WireProtocols {
    private static final List<WireProtocol> ALL = List.of(
            new ConsiliumProtocol(),
            new SlimeProtocol(),
            new OpenRlhfProtocol(),
            new NemoGymProtocol(),
            new ClassifyProtocol());

    private WireProtocols() {}

    static Optional<WireProtocol> named(String name) {
        return ALL.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    static List<String> names() {
        return ALL.stream().map(WireProtocol::name).toList();
    }

    /** The names of those that can make something of a reply, for a message; empty when none can. */
    static String taking(JsonNode reply, List<ScoringRequest> asked) {
        return ALL.stream()
                .filter(one -> takes(one, reply, asked))
                .map(WireProtocol::name)
                .collect(Collectors.joining(" or "));
    }

    private static boolean takes(WireProtocol protocol, JsonNode reply, List<ScoringRequest> asked) {
        try {
            return protocol.answers(reply, asked).stream().allMatch(RawScore.Value.class::isInstance);
        } catch (UnexpectedReplyException other) {
            return false;
        }
    }
}
