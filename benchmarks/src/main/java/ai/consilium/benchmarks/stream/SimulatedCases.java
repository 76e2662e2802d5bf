package ai.consilium.benchmarks.stream;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.schemas.CaseRef;
import java.nio.file.Path;

/**
 * The simulated cases that groups are about, in turn.
 *
 * @param data their directory
 * @param train those of it that groups are about
 * @param layout how they are put
 */
record SimulatedCases(Path data, CaseFile train, PromptLayout layout) {
    static SimulatedCases of(Path data, PromptLayout layout) {
        return new SimulatedCases(data, CaseFile.read(data.resolve("train.jsonl")), layout);
    }

    /** As another process would open them. */
    CaseLibrary library() {
        return new CaseLibrary(data);
    }

    Case about(int group) {
        return train.cases().get(group % train.cases().size());
    }

    CaseRef reference(int group) {
        return new CaseRef(
                train.path().getFileName().toString(),
                train.sha256(),
                about(group).id());
    }

    /** Perspective of a sample. */
    static String perspective(int sample) {
        return Perspective.ALL.get(sample % Perspective.ALL.size());
    }
}
