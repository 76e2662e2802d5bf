package ai.consilium.cli.build;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.cli.config.PortablePictures;
import ai.consilium.platform.chat.ChatCall;
import java.util.List;

/** Puts a case before a teacher as it is put before the policy, pictures first; the label is not shown. */
final class TeacherPrompt {
    private final BuildSettings settings;
    private final CaseFile file;

    TeacherPrompt(BuildSettings settings, CaseFile file) {
        this.settings = settings;
        this.file = file;
    }

    /**
     * A request.
     *
     * @param attempt from 0
     * @throws ai.consilium.policy.ModelException when a picture cannot be read
     */
    ChatCall call(Case of, String perspective, int attempt) {
        PromptText text = settings.layout().prompt(of, perspective);
        BuildSettings.Sampling sampling = settings.sampling();
        return ChatCall.of(
                settings.teacher().model(),
                text.system().text(),
                pictures(of),
                text.user().text(),
                new ChatCall.Drawing(
                        sampling.temperatureOf(attempt), sampling.seed() + attempt, sampling.replyTokens()),
                sampling.extra());
    }

    private List<ChatCall.Picture> pictures(Case of) {
        PortablePictures reader = new PortablePictures(settings.images());
        return of.images().stream().map(file::image).map(reader::decoded).toList();
    }
}
