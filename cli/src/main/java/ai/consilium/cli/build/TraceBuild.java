package ai.consilium.cli.build;

import ai.consilium.cases.format.Case;
import ai.consilium.platform.chat.ChatException;
import ai.consilium.platform.chat.ChatException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gets the traces of many cases, several at once. */
final class TraceBuild {
    /** A case under a perspective. */
    record Task(Case about, String perspective) {}

    /**
     * What was got.
     *
     * @param outcomes in the order of the tasks, without those that are open
     * @param open tasks that were not tried, or not to their end
     * @param stopped why, or null when none is open
     */
    record Result(
            List<TraceOutcome> outcomes, int open, @Nullable ChatException stopped) {}

    /** An interrupted request ends at once. */
    private static final int LONGEST_END_S = 10;

    private final TraceAuthor author;
    private final int concurrency;
    private final Consumer<TraceOutcome> done;
    private volatile boolean stopping;

    /** @param done is given each outcome as it comes, by any thread */
    TraceBuild(TraceAuthor author, int concurrency, Consumer<TraceOutcome> done) {
        this.author = author;
        this.concurrency = concurrency;
        this.done = done;
    }

    /** Tasks for what the cases lack. */
    static List<Task> tasks(List<Case> cases, List<String> perspectives) {
        List<Task> tasks = new ArrayList<>();
        for (Case each : cases) {
            for (String perspective : perspectives) {
                if (!each.traces().containsKey(perspective)) {
                    tasks.add(new Task(each, perspective));
                }
            }
        }
        return tasks;
    }

    /** Works until all is done or nothing more should be asked; what is under way then is ended, but for a spent budget. */
    Result run(List<Task> tasks) throws InterruptedException {
        @Nullable TraceOutcome[] outcomes = new TraceOutcome[tasks.size()];
        ExecutorService threads = Executors.newFixedThreadPool(concurrency);
        ChatException stopped = null;
        try {
            CompletionService<@Nullable Void> ended = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < tasks.size(); i++) {
                int number = i;
                ended.submit(() -> {
                    if (!stopping) {
                        outcomes[number] = work(tasks.get(number));
                    }
                    return null;
                });
            }
            for (int left = tasks.size(); left > 0 && hopeful(stopped); left--) {
                ChatException failure = failure(ended.take());
                stopped = stopped == null ? failure : stopped;
            }
        } finally {
            threads.shutdownNow();
            threads.awaitTermination(LONGEST_END_S, TimeUnit.SECONDS);
        }
        List<TraceOutcome> known =
                Arrays.stream(outcomes).filter(Objects::nonNull).toList();
        return new Result(known, tasks.size() - known.size(), stopped);
    }

    /** Whether what is under way is worth waiting for: what a spent budget has paid is. */
    private static boolean hopeful(@Nullable ChatException stopped) {
        return stopped == null || stopped.kind() == Kind.BUDGET;
    }

    private TraceOutcome work(Task task) throws ChatException, InterruptedException {
        try {
            TraceOutcome outcome = author.write(task.about(), task.perspective());
            done.accept(outcome);
            return outcome;
        } catch (ChatException e) {
            stopping = true;
            throw e;
        }
    }

    private static @Nullable ChatException failure(Future<@Nullable Void> future) throws InterruptedException {
        try {
            future.get();
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ChatException failure) {
                return failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
