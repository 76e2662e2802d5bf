package ai.consilium.cli.build;

import ai.consilium.cases.format.Case;
import ai.consilium.cli.build.TraceOutcome.Attempt;
import ai.consilium.cli.build.TraceVerdict.Reason;
import ai.consilium.platform.chat.ChatAnswer;
import ai.consilium.platform.chat.ChatCall;
import ai.consilium.platform.chat.ChatClient;
import ai.consilium.platform.chat.ChatException;
import ai.consilium.platform.chat.ChatException.Kind;
import ai.consilium.policy.ModelException;
import java.util.ArrayList;
import java.util.List;

/** Gets one trace: asks, looks at the answer, asks again. Thread-safe. */
final class TraceAuthor {
    /** So many requests in a row without an answer say that there will be none. */
    private static final int SILENCE = 10;
    /** The same, while nothing was ever answered. */
    private static final int SILENCE_AT_FIRST = 3;

    private final ChatClient teacher;
    private final TeacherPrompt prompt;
    private final TraceExam exam;
    private final int tries;
    private boolean answered;
    private int unanswered;

    TraceAuthor(ChatClient teacher, TeacherPrompt prompt, TraceExam exam, int tries) {
        this.teacher = teacher;
        this.prompt = prompt;
        this.exam = exam;
        this.tries = tries;
    }

    /** @throws ChatException when no more should be asked */
    TraceOutcome write(Case about, String perspective) throws ChatException, InterruptedException {
        List<Attempt> attempts = new ArrayList<>();
        for (int attempt = 0; attempt < tries; attempt++) {
            ChatCall call;
            try {
                call = prompt.call(about, perspective, attempt);
            } catch (ModelException e) {
                attempts.add(failed("", Reason.PICTURE, String.valueOf(e.getMessage())));
                break;
            }
            ChatAnswer answer;
            try {
                answer = teacher.ask(call);
            } catch (ChatException e) {
                requireHope(e);
                attempts.add(failed(call.sha256(), Reason.NO_REPLY, e.reason()));
                // The client has tried again where that may help.
                break;
            }
            answered();
            TraceVerdict verdict = exam.of(about, perspective, answer);
            if (verdict instanceof TraceVerdict.Kept kept) {
                attempts.add(attempt(call, answer, TraceOutcome.KEPT, ""));
                return new TraceOutcome(
                        about.id(), about.specialty(), perspective, kept.trace(), kept.score(), attempts);
            }
            TraceVerdict.Refused refused = (TraceVerdict.Refused) verdict;
            attempts.add(attempt(call, answer, refused.reason().label(), refused.detail()));
        }
        return new TraceOutcome(about.id(), about.specialty(), perspective, null, null, attempts);
    }

    private synchronized void answered() {
        answered = true;
        unanswered = 0;
    }

    private synchronized void requireHope(ChatException failure) throws ChatException {
        unanswered++;
        if (failure.kind() == Kind.SETUP
                || failure.kind() == Kind.BUDGET
                || unanswered >= (answered ? SILENCE : SILENCE_AT_FIRST)) {
            throw failure;
        }
    }

    private static Attempt attempt(ChatCall call, ChatAnswer answer, String result, String detail) {
        return new Attempt(
                call.sha256(), result, detail, answer.model(), answer.promptTokens(), answer.completionTokens());
    }

    private static Attempt failed(String request, Reason reason, String detail) {
        return new Attempt(request, reason.label(), detail, "", 0, 0);
    }
}
