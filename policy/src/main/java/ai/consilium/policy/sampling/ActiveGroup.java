package ai.consilium.policy.sampling;

import java.util.ArrayList;
import java.util.List;

/** A group of which samples are under way. Its slot among the batch's prefixes changes when others leave. */
final class ActiveGroup {
    private final SamplingEngine.Request request;
    private final long ticket;
    private final int prefixTokens;
    private final List<ActiveSample> rows = new ArrayList<>();

    /**
     * @param ticket of the request
     * @param prefixTokens slots that its prefix fills, padding included
     * @param firstPosition of each sample's completion
     */
    ActiveGroup(SamplingEngine.Request request, long ticket, int prefixTokens, List<Long> firstPosition) {
        this.request = request;
        this.ticket = ticket;
        this.prefixTokens = prefixTokens;
        for (int sample = 0; sample < firstPosition.size(); sample++) {
            rows.add(new ActiveSample(this, sample, firstPosition.get(sample)));
        }
    }

    SamplingEngine.Request request() {
        return request;
    }

    int prefixTokens() {
        return prefixTokens;
    }

    List<ActiveSample> rows() {
        return rows;
    }

    boolean ended() {
        return rows.stream().allMatch(ActiveSample::ended);
    }

    SamplingEngine.Finished finished() {
        return new SamplingEngine.Finished(
                ticket, rows.stream().map(ActiveSample::sampled).toList());
    }
}
