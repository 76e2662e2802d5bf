package ai.consilium.policy.sampling;

import java.util.ArrayList;
import java.util.List;

/** A group of which samples are under way. Its slot among the batch's prefixes changes when others leave. */
final class ActiveGroup {
    private final SamplingEngine.Request request;
    private final long ticket;
    private final int prefixTokens;
    private final List<ActiveSample> samples = new ArrayList<>();
    private boolean withdrawn;

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
            samples.add(new ActiveSample(this, sample, firstPosition.get(sample)));
        }
    }

    long ticket() {
        return ticket;
    }

    /** Nobody waits for it any more: its samples have ended. */
    void withdraw() {
        withdrawn = true;
    }

    boolean withdrawn() {
        return withdrawn;
    }

    SamplingEngine.Request request() {
        return request;
    }

    int prefixTokens() {
        return prefixTokens;
    }

    List<ActiveSample> samples() {
        return samples;
    }

    boolean ended() {
        return samples.stream().allMatch(ActiveSample::ended);
    }

    SamplingEngine.Finished finished() {
        return new SamplingEngine.Finished(
                ticket, samples.stream().map(ActiveSample::sampled).toList());
    }
}
