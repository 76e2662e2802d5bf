package ai.consilium.policy.sampling;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.SamplingEngine.Limits;
import ai.consilium.policy.sampling.SamplingEngine.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The batches that decode side by side, as many as there are kinds of requests, and more where one would grow too large.
 * Their keys and values share one budget of memory.
 */
final class Tracks {
    private final PolicyModel model;
    private final Limits limits;
    private final long slotBytes;
    private final List<Track> tracks = new ArrayList<>();

    Tracks(PolicyModel model, Limits limits) {
        this.model = model;
        this.limits = limits;
        slotBytes = 2L
                * model.config().layers()
                * model.config().kvHeads()
                * model.config().headDim()
                * model.precision().bytes();
    }

    /** @throws ModelException when there is no room for the request even alone */
    void check(Request request) {
        long needed = CacheSize.of(List.of(request)).slots() * slotBytes;
        if (needed > limits.kvCacheBytes()) {
            throw new ModelException(
                    "keys and values of its %d samples and prompt of %d tokens need %d MiB, the cache has %d"
                            .formatted(
                                    request.samples(),
                                    request.prefixTokens() + request.instructionTokens(),
                                    (needed >> 20) + 1,
                                    limits.kvCacheBytes() >> 20));
        }
    }

    boolean isEmpty() {
        return tracks.stream().allMatch(Track::isEmpty);
    }

    /** Whether anything of an expert is under way. */
    boolean samples(String expert) {
        return tracks.stream()
                .anyMatch(track -> !track.isEmpty() && track.kind().expert().equals(expert));
    }

    /** Those that could step and do not. */
    List<Track> standing() {
        return tracks.stream().filter(Track::stands).toList();
    }

    /** @return whether there was room */
    boolean join(DecodeBatch.Ticket ticket) {
        Request request = ticket.request();
        Track track = open(request).orElseGet(this::empty);
        for (boolean roomy : new boolean[] {true, false}) {
            CacheSize size = track.sizeWith(request, roomy);
            if (fits(track, size)) {
                track.join(ticket, size);
                return true;
            }
        }
        return false;
    }

    /** A track whose samples it can join; a track that steps takes it in with its next step. */
    private Optional<Track> open(Request request) {
        return tracks.stream()
                .filter(track -> !track.isEmpty()
                        && track.kind().goesWith(request)
                        && track.samples() + request.samples() <= limits.samples())
                .findFirst();
    }

    private Track empty() {
        return tracks.stream().filter(Track::isEmpty).findFirst().orElseGet(() -> {
            Track track = new Track(model);
            tracks.add(track);
            return track;
        });
    }

    /** Whether a track may have so many slots; empty ones give theirs back for it. */
    private boolean fits(Track track, CacheSize size) {
        if (slotsBeside(track) + size.slots() <= limits.kvCacheBytes() / slotBytes) {
            return true;
        }
        tracks.stream().filter(other -> other != track && other.isEmpty()).forEach(Track::free);
        return slotsBeside(track) + size.slots() <= limits.kvCacheBytes() / slotBytes;
    }

    private long slotsBeside(Track track) {
        return tracks.stream()
                .filter(other -> other != track)
                .mapToLong(other -> other.size().slots())
                .sum();
    }

    void withdraw(Set<Long> tickets) {
        tracks.forEach(track -> track.withdraw(tickets));
    }

    DecodeBatch.Work work() {
        return tracks.stream().map(Track::work).reduce(DecodeBatch.Work.NONE, DecodeBatch.Work::plus);
    }

    void stop() {
        tracks.forEach(Track::stop);
    }

    void close() {
        tracks.forEach(Track::close);
    }
}
