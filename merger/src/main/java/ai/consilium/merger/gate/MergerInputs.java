package ai.consilium.merger.gate;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.PolicyModel;
import java.nio.file.Path;

/**
 * What experts are merged and a merged agent is judged with.
 *
 * @param model the base that the experts belong to
 * @param compute its threads
 * @param evaluator over the model
 * @param cases the data root
 * @param validationFile validation cases, relative to the data root
 * @param runDirectory for the files that tell of the merge
 */
public record MergerInputs(
        PolicyModel model,
        Compute compute,
        Evaluator evaluator,
        CaseLibrary cases,
        String validationFile,
        Path runDirectory) {}
