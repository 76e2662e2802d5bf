package ai.consilium.rollout.scheduler;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.run.ScoringBook;
import ai.consilium.platform.run.ScoringOffers;
import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.rollout.scheduler.SchedulerLog.Keyed;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Keeps the stamp of prompts to what the run's manifest says that they are scored by, and writes the revisions that are offered
 * in this process. One thread only.
 */
final class ScoringFollower {
    private static final Duration ASK = Duration.ofSeconds(2);

    private final RunContext context;
    private final SchedulerLog log;
    private final ScoringConfig configured;
    private final ScoringOffers offers;
    private final PromptStamp stamp;
    private final RunEvents events;
    private final ScoringBook book;
    private long askedNs = System.nanoTime();

    /**
     * Of the holder of the log.
     *
     * @param configured what this scheduler was started with
     */
    ScoringFollower(
            RunContext context,
            SchedulerLog log,
            ScoringConfig configured,
            ScoringOffers offers,
            PromptStamp stamp,
            RunEvents events) {
        this.context = context;
        this.log = log;
        this.configured = configured;
        this.offers = offers;
        this.stamp = stamp;
        this.events = events;
        this.book = new ScoringBook(configured);
    }

    /**
     * Writes the scoring configuration and the run's manifest, unless the one on the log says the same: what other roles wait for
     * and are held to. Then the newest revision on the log is in force.
     *
     * @param revisions that were on the log already
     * @throws ai.consilium.platform.UsageException when the run goes on with settings that it may not change
     */
    void begin(List<RunManifest> revisions) {
        log.scoringConfigs(book::stands);
        takeIn(revisions);
        log.write(Topics.SCORING_CONFIGS, List.of(new Keyed(configured.getHash(), configured)));
        Optional<RunManifest> own;
        do {
            own = context.settings()
                    .revise(log.manifests().newest(), context.runId(), writer(), System.currentTimeMillis());
            // A command may have revised it in the same moment: then the first counts, and the other one is written
            // anew.
            own.ifPresent(this::writeAndSee);
        } while (own.isPresent());
        if (!book.inForce().getHash().equals(configured.getHash())) {
            log.manifests().newest().ifPresent(this::tell);
        }
    }

    /** Takes new revisions in, and from time to time asks for some. */
    void follow() {
        List<RunManifest> revisions = log.manifests().read(Duration.ZERO);
        if (!revisions.isEmpty()) {
            String before = book.inForce().getHash();
            takeIn(revisions);
            if (!book.inForce().getHash().equals(before)) {
                tell(revisions.get(revisions.size() - 1));
            }
        }
        if (System.nanoTime() - askedNs >= ASK.toNanos()) {
            askedNs = System.nanoTime();
            offers.next(book.inForce(), book.scorers(), this::refuse).ifPresent(this::write);
        }
    }

    /** Writes the revision that follows the newest, again where a command was first with one of its number. */
    void revise(UnaryOperator<RunManifest> change) {
        RunManifest own;
        List<RunManifest> since;
        do {
            own = change.apply(log.manifests().newest().orElseThrow());
            since = writeAndSee(own);
        } while (!since.contains(own));
    }

    /** Waits until a revision of its number stands on the log: what was committed is visible a moment later. */
    private List<RunManifest> writeAndSee(RunManifest own) {
        write(own);
        List<RunManifest> since = new ArrayList<>();
        do {
            since.addAll(log.manifests().readAll());
        } while (since.stream().noneMatch(revision -> revision.getRevision() >= own.getRevision()));
        takeIn(since);
        return since;
    }

    private void takeIn(List<RunManifest> revisions) {
        for (RunManifest revision : revisions) {
            if (!book.knows(revision)) {
                log.scoringConfigs(book::stands);
            }
            book.take(revision).ifPresent(this::refuse);
        }
        stamp.scoredBy(book.inForce().getHash());
    }

    private void write(ScoringRevision offered) {
        log.manifests().newest().ifPresent(newest -> {
            ScoringConfig config = offered.config();
            log.write(Topics.SCORING_CONFIGS, List.of(new Keyed(config.getHash(), config)));
            book.stands(config);
            write(offered.after(newest, writer(), System.currentTimeMillis()));
        });
    }

    private void write(RunManifest manifest) {
        log.write(Topics.RUN_MANIFESTS, List.of(new Keyed(context.runId(), manifest)));
    }

    private String writer() {
        return context.writer(SchedulerService.ROLE);
    }

    private void refuse(String problem) {
        events.emit(EventKind.REFUSED, "scoring: " + problem);
    }

    private void tell(RunManifest revision) {
        events.emit(
                EventKind.STARTED,
                "scoring: from the next prompt on by revision %d of the run, %.12s: %s"
                        .formatted(revision.getRevision(), book.inForce().getHash(), ScoringRevision.change(revision)));
    }
}
