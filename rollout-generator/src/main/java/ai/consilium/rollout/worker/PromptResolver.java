package ai.consilium.rollout.worker;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.platform.UsageException;
import ai.consilium.rollout.engine.InferenceEngine.GroupText;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Prompt;
import java.util.List;

/** What a prompt asks, as text and files: its case, under the perspective of each sample. */
final class PromptResolver {
    private final CaseLibrary library;
    private final PromptLayout layout;

    PromptResolver(CaseLibrary library, PromptLayout layout) {
        this.library = library;
        this.layout = layout;
    }

    /**
     * The group of a prompt.
     *
     * @throws CaseException when the prompt names what does not exist
     * @throws UsageException when this worker has other case files than the run
     */
    GroupText resolve(Prompt prompt) {
        Case shown = caseOf(prompt.getCaseRef());
        List<PromptText> members = prompt.getMembers().stream()
                .map(perspective -> layout.prompt(shown, perspective))
                .toList();
        if (members.isEmpty()) {
            throw new CaseException("group " + prompt.getGroupId() + " has no members");
        }
        return new GroupText(
                "case " + shown.id(),
                members,
                library.images(prompt.getCaseRef().getFile(), shown),
                prompt.getGroupSeed());
    }

    /**
     * A case that the file lacks is the prompt's fault; a file that is missing here, or another than the run's, is this
     * worker's: refusing prompts for it would burn the whole run.
     */
    private Case caseOf(CaseRef ref) {
        try {
            return library.resolve(ref.getFile(), ref.getFileSha256(), ref.getId());
        } catch (CaseFileMismatchException e) {
            throw new UsageException("data_root: " + e.getMessage(), e);
        }
    }
}
