package ai.consilium.rollout.engine;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.inference.prompt.PromptEncoder.Encoded;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.Sampler.Completion;
import ai.consilium.policy.sampling.Sampler.Group;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The engine of this process: the policy's own sampler. */
public final class LocalInferenceEngine implements InferenceEngine {
    private final CaseLibrary library;
    private final PromptEncoder encoder;
    private final Sampler sampler;

    public LocalInferenceEngine(CaseLibrary library, PromptEncoder encoder, Sampler sampler) {
        this.library = library;
        this.encoder = encoder;
        this.sampler = sampler;
    }

    @Override
    public Prepared prepare(Prompt prompt) {
        String file = prompt.getCaseRef().getFile();
        Case shown = caseOf(prompt.getCaseRef());
        Map<String, Encoded> byPerspective = new HashMap<>();
        List<Encoded> members = prompt.getMembers().stream()
                .map(perspective -> byPerspective.computeIfAbsent(perspective, p -> encoder.encode(file, shown, p)))
                .toList();
        if (members.isEmpty()) {
            throw new CaseException("group " + prompt.getGroupId() + " has no members");
        }
        List<int[]> instructions = members.stream().map(Encoded::instruction).toList();
        return new Prepared(
                new Group(members.get(0).prefix(), instructions, prompt.getGroupSeed()),
                members.stream().map(Encoded::hash).toList());
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

    @Override
    public List<List<Completion>> sample(Adapter adapter, List<Group> groups, Sampling sampling)
            throws InterruptedException {
        return sampler.sample(
                adapter,
                groups,
                new Sampler.Settings(sampling.getTemperature(), sampling.getMaxCompletionTokens()),
                Urgency.SAMPLE);
    }

    @Override
    public String text(int[] tokens) {
        return encoder.text(tokens);
    }
}
