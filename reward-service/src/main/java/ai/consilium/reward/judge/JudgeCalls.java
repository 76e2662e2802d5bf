package ai.consilium.reward.judge;

import ai.consilium.cases.format.CaseException;
import ai.consilium.platform.chat.ChatCall;
import ai.consilium.platform.chat.ChatCall.Picture;
import ai.consilium.platform.chat.ExtraFields;
import ai.consilium.reward.rubric.JudgedCriterion;
import ai.consilium.reward.scorer.PictureReader;
import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The requests to a judge. The same question in the same form is the same bytes, so that its answer is found again. */
final class JudgeCalls {
    private static final String RESPONSE_FORMAT = "response_format";

    /** What is asked. @param pictures of the case, where the judge may be shown some */
    record About(ScoringRequest request, JudgedCriterion criterion, List<Picture> pictures) {}

    /**
     * How it is asked.
     *
     * @param structured whether the answer's JSON Schema goes along
     * @param pictures whether they do
     */
    record Form(boolean structured, boolean pictures) {
        /**
         * Those that a server may take, the best first.
         *
         * @param structured null: not known yet
         * @param pictures null: not known yet
         */
        static List<Form> possible(@Nullable Boolean structured, @Nullable Boolean pictures, About about) {
            List<Form> forms = new ArrayList<>();
            for (boolean shown : about.pictures().isEmpty() ? List.of(false) : either(pictures)) {
                for (boolean constrained : either(structured)) {
                    forms.add(new Form(constrained, shown));
                }
            }
            return forms;
        }

        private static List<Boolean> either(@Nullable Boolean known) {
            return known == null ? List.of(true, false) : List.of(known);
        }
    }

    private final JudgeSettings settings;
    private final JudgePrompt prompt;
    private final SortedMap<String, JsonNode> extra;

    JudgeCalls(JudgeSettings settings) {
        this.settings = settings;
        this.prompt = new JudgePrompt(settings.prompt());
        this.extra = ExtraFields.read("extra", settings.extra());
    }

    ChatCall call(About about, Form form) {
        SortedMap<String, JsonNode> more = new TreeMap<>();
        if (form.structured()) {
            more.put(
                    RESPONSE_FORMAT, JudgeReply.responseFormat(about.criterion().choices()));
        }
        more.putAll(extra);
        return ChatCall.of(
                settings.model(),
                "",
                form.pictures() ? about.pictures() : List.of(),
                prompt.about(about.request(), about.criterion()),
                new ChatCall.Drawing(settings.temperature(), settings.seed(), settings.replyTokens()),
                more);
    }

    /** @throws NoJudgementException naming one that cannot be shown: a verdict without it would be another */
    static List<Picture> pictures(ScoringRequest request, PictureReader reader) throws NoJudgementException {
        List<Picture> pictures = new ArrayList<>();
        try {
            for (Path image : request.images().get()) {
                pictures.add(reader.read(image));
            }
        } catch (NoSuchFileException absent) {
            throw new NoJudgementException("an image of the case is not there: " + absent.getMessage());
        } catch (IOException | CaseException unreadable) {
            throw new NoJudgementException("an image of the case cannot be shown: " + unreadable.getMessage());
        }
        return pictures;
    }
}
