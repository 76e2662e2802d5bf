package ai.consilium.rollout.scheduler;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.rollout.order.CaseOrder;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The prompts of examinations: every version of an expert is asked the same cases of its specialty, drawn once from the seed, as
 * evaluations ask them, greedily and without a guideline, and again under each perspective that the plan names.
 */
final class ExaminationPrompts {
    private final PromptStamp stamp;
    private final ValidationPlan plan;
    private final CaseLibrary library;
    private final CaseFile cases;
    private final Map<String, List<String>> samples = new LinkedHashMap<>();

    /**
     * Draws the cases.
     *
     * @param library with the validation cases
     * @throws UsageException when a specialty has no validation case
     * @throws ai.consilium.cases.format.CaseException when the file cannot be read
     */
    ExaminationPrompts(PromptStamp stamp, ValidationPlan plan, CaseLibrary library, List<String> specialties) {
        this.stamp = stamp;
        this.plan = plan;
        this.library = library;
        this.cases = library.file(CaseLibrary.VALIDATION_FILE);
        for (String specialty : specialties) {
            List<String> ids = cases.cases().stream()
                    .filter(one -> one.specialty().equals(specialty))
                    .map(Case::id)
                    .toList();
            if (ids.isEmpty()) {
                throw new UsageException("eval.interval: " + cases.path() + " has no case of specialty " + specialty
                        + " to examine its expert on; add some, or set eval.interval to 0");
            }
            CaseOrder order = new CaseOrder(stamp.config().plan().seed(), "validation/" + specialty, ids);
            List<String> drawn = new ArrayList<>();
            for (int place = 0; place < plan.casesOf(ids.size()); place++) {
                drawn.add(order.caseId(place));
            }
            samples.put(specialty, List.copyOf(drawn));
        }
    }

    /** Empty books. */
    ExaminationBook book() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        samples.forEach((policy, drawn) -> counts.put(policy, drawn.size()));
        return new ExaminationBook(plan, counts);
    }

    /** The prompt that puts a question. */
    Prompt prompt(ExaminedGroup group, long nowMs) {
        List<String> sample = Objects.requireNonNull(samples.get(group.policy()), group.policy());
        return stamp.begin(group.id(), group.policy(), group.version(), 0, nowMs)
                .setSpecialty(group.policy())
                .setCaseRef(new CaseRef(CaseLibrary.VALIDATION_FILE, cases.sha256(), sample.get(group.place())))
                .setMembers(List.of(group.perspective()))
                .setPurpose(Purpose.VALIDATION)
                .build();
    }

    /** A prompt stands in the log. @throws UsageException when it was made from other cases than these, or a beginning of them */
    void written(Prompt prompt) {
        String sha256 = prompt.getCaseRef().getFileSha256();
        PromptStamp.requireMadeFrom(
                library.edition(CaseLibrary.VALIDATION_FILE, sha256).orElse(cases), prompt);
    }
}
