package ai.consilium.merger.gate;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.evaluation.Evaluator;

/**
 * What a merged agent is judged with.
 *
 * @param evaluator over the base that the experts belong to
 * @param cases the data root
 * @param validationFile validation cases, relative to the data root
 */
public record MergerInputs(Evaluator evaluator, CaseLibrary cases, String validationFile) {}
