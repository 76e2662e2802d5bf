package ai.consilium.reward.judge;

import ai.consilium.platform.chat.ChatAnswer;
import ai.consilium.platform.chat.ChatCall;
import ai.consilium.platform.chat.ChatClient;
import ai.consilium.platform.chat.ChatEndpoint;
import ai.consilium.platform.chat.ChatException;
import ai.consilium.platform.chat.ChatException.Kind;
import ai.consilium.reward.rubric.CriterionVerdict;
import ai.consilium.reward.rubric.JudgedCriterion;
import ai.consilium.reward.scorer.JudgeMemory;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Asks a model about criteria, one request each, one try each. What was answered before is not asked again, so that after a
 * failure only what is missing is. What the server does not take (a JSON Schema, images) is learnt from its refusal, and left out
 * from then on. Thread-safe.
 */
final class Judge {
    private static final Logger LOG = LoggerFactory.getLogger(Judge.class);

    /** How servers of models that only read say so; llama.cpp and its Python server do with status 500. */
    private static final Pattern BLIND =
            Pattern.compile("(?i)image|multi-?modal|vision|mmproj|content.{0,40}string|not \"list\"");
    /** How servers without constrained answers say so with status 500, as llama.cpp's Python server does. */
    private static final Pattern LAX = Pattern.compile("(?i)response_format|json_?schema|grammar");

    private final String name;
    private final JudgeSettings settings;
    private final ScorerType.Resources resources;
    private final JudgeCalls calls;
    private final @Nullable ChatClient client;
    private final AtomicBoolean warnedOfBudget = new AtomicBoolean();
    private volatile @Nullable Boolean structured;
    private volatile @Nullable Boolean sees;

    /** @param name of the scorer, for the log */
    Judge(String name, JudgeSettings settings, ScorerType.Resources resources) {
        this.name = name;
        this.settings = settings;
        this.resources = resources;
        this.calls = new JudgeCalls(settings);
        String key =
                settings.apiKeyEnv() == null ? null : resources.environment().apply(settings.apiKeyEnv());
        this.client = settings.apiKeyEnv() == null || isKey(key) ? client(name, settings, key, resources) : null;
        this.structured = settings.structured();
        this.sees = settings.images() == JudgeImages.AUTO ? null : settings.images() == JudgeImages.ALWAYS;
    }

    private static boolean isKey(@Nullable String key) {
        return key != null && ChatEndpoint.isKey(key.strip());
    }

    private static ChatClient client(
            String name, JudgeSettings settings, @Nullable String key, ScorerType.Resources resources) {
        JudgeMemory memory = usable(name, resources.memory());
        JudgeBudget budget = settings.budget() == null ? JudgeBudget.NONE : settings.budget();
        return new ChatClient(
                resources.http(),
                settings.endpoint(key == null ? null : key.strip()),
                budget.since(memory.ledger(name)),
                memory.answers());
    }

    /** An answer that cannot be kept is better than none. */
    private static JudgeMemory usable(String name, JudgeMemory memory) {
        try {
            if (memory.answers() != null) {
                memory.answers().requireWritable();
            }
            return memory;
        } catch (IOException unwritable) {
            LOG.atWarn()
                    .addKeyValue("scorer", name)
                    .addKeyValue("reason", unwritable.toString())
                    .log("judge's answers and spending are not kept over a restart (reward.http.cache)");
            return JudgeMemory.NONE;
        }
    }

    /**
     * What it says of each criterion.
     *
     * @throws NoJudgementException when one gets no verdict
     * @throws ScorerUnavailableException when another try may help
     */
    Map<JudgedCriterion, CriterionVerdict> judge(List<JudgedCriterion> criteria, ScoringRequest request)
            throws NoJudgementException, ScorerUnavailableException, InterruptedException {
        if (client == null) {
            throw new NoJudgementException("environment variable " + settings.apiKeyEnv()
                    + " is not set to a key, nor is " + settings.apiKeyEnv() + "_FILE to a file that holds one");
        }
        List<ChatCall.Picture> pictures =
                Boolean.FALSE.equals(sees) ? List.of() : JudgeCalls.pictures(request, resources.pictures());
        Map<JudgedCriterion, CriterionVerdict> said = new LinkedHashMap<>();
        for (JudgedCriterion criterion : criteria) {
            if (!said.containsKey(criterion)) {
                ChatAnswer answer = answer(client, new JudgeCalls.About(request, criterion, pictures));
                said.put(criterion, read(answer, criterion, request.completion()));
            }
        }
        return said;
    }

    private static CriterionVerdict read(ChatAnswer answer, JudgedCriterion criterion, String completion)
            throws NoJudgementException {
        try {
            return JudgeReply.read(answer, criterion, completion);
        } catch (NoJudgementException none) {
            throw new NoJudgementException("'" + criterion.label() + "': " + none.reason());
        }
    }

    private ChatAnswer answer(ChatClient asked, JudgeCalls.About about)
            throws NoJudgementException, ScorerUnavailableException, InterruptedException {
        for (JudgeCalls.Form form : JudgeCalls.Form.possible(structured, sees, about)) {
            Optional<ChatAnswer> known = asked.known(calls.call(about, form));
            if (known.isPresent()) {
                return known.get();
            }
        }
        requireAllowedHost();
        JudgeCalls.Form form = JudgeCalls.Form.possible(structured, sees, about).get(0);
        while (true) {
            try {
                ChatAnswer answer = asked.ask(calls.call(about, form));
                learn(form, about);
                return answer;
            } catch (ChatException failure) {
                boolean unstructured = failure.kind() == Kind.REQUEST || says(failure, LAX);
                if (form.pictures() && !Boolean.TRUE.equals(sees) && says(failure, BLIND)) {
                    form = new JudgeCalls.Form(form.structured(), false);
                } else if (form.structured() && !Boolean.TRUE.equals(structured) && unstructured) {
                    form = new JudgeCalls.Form(false, form.pictures());
                } else {
                    throw failed(failure);
                }
            }
        }
    }

    /** Whether a server's refusal is of a kind, by its words. */
    private static boolean says(ChatException failure, Pattern words) {
        return (failure.kind() == Kind.REQUEST || failure.kind() == Kind.OUTAGE)
                && failure.reason().contains("status ")
                && words.matcher(failure.reason()).find();
    }

    /** A form was answered: what it left out is not taken here. */
    private synchronized void learn(JudgeCalls.Form form, JudgeCalls.About about) {
        if (structured == null) {
            structured = form.structured();
            if (!form.structured()) {
                log().log("judge does not take a JSON Schema: it is asked for JSON in words");
            }
        }
        if (sees == null && !about.pictures().isEmpty()) {
            sees = form.pictures();
            if (!form.pictures()) {
                log().log("judge does not take images: it judges by text alone");
            }
        }
    }

    private LoggingEventBuilder log() {
        return LOG.atWarn().addKeyValue("scorer", name);
    }

    private void requireAllowedHost() throws NoJudgementException, ScorerUnavailableException {
        String host = settings.route().getHost();
        try {
            Optional<String> problem = resources.guard().problem(host);
            if (problem.isPresent()) {
                throw new NoJudgementException(problem.get());
            }
        } catch (UnknownHostException unknown) {
            throw new ScorerUnavailableException("host " + host + " is unknown");
        }
    }

    private NoJudgementException failed(ChatException failure) throws ScorerUnavailableException {
        if (failure.kind() == Kind.OUTAGE) {
            throw new ScorerUnavailableException(failure.reason());
        }
        if (failure.kind() == Kind.BUDGET && !warnedOfBudget.getAndSet(true)) {
            log().addKeyValue("reason", failure.reason())
                    .log("judge is not asked any more: its budget is spent, what it would score is unscored");
        }
        return new NoJudgementException(failure.reason());
    }
}
