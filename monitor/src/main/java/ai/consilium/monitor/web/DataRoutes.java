package ai.consilium.monitor.web;

import ai.consilium.monitor.samples.GroupView;
import ai.consilium.monitor.samples.ImageType;
import ai.consilium.monitor.samples.RecordFetcher;
import ai.consilium.monitor.samples.SampleBrowser;
import ai.consilium.monitor.samples.SampleFilter;
import ai.consilium.monitor.state.ChartData;
import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.platform.UsageException;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the page asks for when it needs it: curves, older events, groups, images, the report of the merge. */
public final class DataRoutes {
    /** Records of the topic of events that one page of them is looked for in. */
    private static final int EVENTS_READ = 500;

    private static final int LONGEST_TEXT = 200;

    private final Supplier<ChartData> charts;
    private final SampleBrowser samples;
    private final RecordFetcher log;
    private final @Nullable Path conflict;

    /** @param conflict report of the merge; null where it is not known */
    public DataRoutes(Supplier<ChartData> charts, SampleBrowser samples, RecordFetcher log, @Nullable Path conflict) {
        this.charts = charts;
        this.samples = samples;
        this.log = log;
        this.conflict = conflict;
    }

    /**
     * Older events.
     *
     * @param events newest first
     * @param next what the next page comes before; null on the last
     */
    private record EventPage(
            List<RunSnapshot.Event> events, @Nullable Long next) {}

    /** Adds them to a server. */
    public void routes(RoutesConfig routes) {
        routes.get("/api/charts", context -> json(context, charts.get()));
        routes.get("/api/events", context -> json(context, events(context)));
        routes.get("/api/samples", this::list);
        routes.get("/api/sample", this::show);
        routes.get("/api/image", this::image);
        routes.get("/api/conflict", this::conflict);
        // What is wrong with a request is told; so is a log that no longer has what was asked for.
        routes.exception(
                UsageException.class,
                (problem, context) -> context.status(400)
                        .contentType("text/plain; charset=utf-8")
                        .result(String.valueOf(problem.getMessage())));
    }

    private static void json(Context context, Object value) {
        context.contentType("application/json").result(PageJson.write(value));
    }

    private EventPage events(Context context) {
        Long before = number(context, "before", Long::valueOf);
        if (before == null || before <= 0) {
            return new EventPage(List.of(), null);
        }
        long first = Math.max(0, before - EVENTS_READ);
        Deque<RunSnapshot.Event> newestFirst = new ArrayDeque<>();
        log.range(Topics.RUN_EVENTS, RunEvent.class, 0, first, before - 1, record -> {
            if (RunSnapshot.Event.shown(record.value())) {
                newestFirst.addFirst(RunSnapshot.Event.of(record.value(), record.offset()));
            }
        });
        return new EventPage(List.copyOf(newestFirst), first == 0 ? null : first);
    }

    private void list(Context context) {
        SampleFilter filter = new SampleFilter(
                text(context, "policy"),
                text(context, "perspective"),
                text(context, "outcome"),
                number(context, "version", Long::valueOf),
                switch (text(context, "right")) {
                    case "" -> null;
                    case "right" -> true;
                    case "wrong" -> false;
                    default -> throw new UsageException("right: must be right or wrong");
                },
                number(context, "least", Double::valueOf),
                number(context, "most", Double::valueOf),
                text(context, "text"));
        json(context, samples.list(filter, number(context, "before", Long::valueOf)));
    }

    private void show(Context context) {
        Optional<GroupView> view = samples.show(text(context, "group"));
        if (view.isEmpty()) {
            context.status(404).result("no such group among the newest");
        } else {
            json(context, view.get());
        }
    }

    private void image(Context context) {
        Optional<byte[]> image = samples.image(text(context, "sha256"));
        if (image.isEmpty()) {
            context.status(404).result("no such image among those of the groups that were looked at");
            return;
        }
        context.contentType(ImageType.of(image.get())).result(image.get());
    }

    private void conflict(Context context) throws IOException {
        if (conflict == null || !Files.isRegularFile(conflict)) {
            context.status(404).result("no report of a merge is known here");
            return;
        }
        context.contentType("application/json").result(Files.readAllBytes(conflict));
    }

    private static String text(Context context, String name) {
        String given = context.queryParam(name);
        if (given != null && given.length() > LONGEST_TEXT) {
            throw new UsageException(name + ": must have at most " + LONGEST_TEXT + " characters");
        }
        return given == null ? "" : given;
    }

    private static <T extends Number> @Nullable T number(Context context, String name, Function<String, T> read) {
        String given = text(context, name).strip();
        try {
            return given.isEmpty() ? null : read.apply(given);
        } catch (NumberFormatException e) {
            throw new UsageException(name + ": must be a number", e);
        }
    }
}
