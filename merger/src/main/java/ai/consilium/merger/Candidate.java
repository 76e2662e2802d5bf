package ai.consilium.merger;

import ai.consilium.merger.gate.Marks;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.Parent;
import java.util.List;
import java.util.Map;

/**
 * What may become the unified agent.
 *
 * @param name for people
 * @param agent its adapter
 * @param parents versions that it was made from
 * @param marks on the validation cases
 * @param figures of how it was made
 */
record Candidate(String name, Adapter agent, List<Parent> parents, Marks marks, Map<String, Double> figures) {}
