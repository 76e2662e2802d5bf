package ai.consilium.reward.dmn;

import ai.consilium.reward.dmn.DecisionModel.Node;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One decision table as a spreadsheet writes it, in DMN's own arrangement: the hit policy's letter in the corner, then the inputs,
 * then the decision; below, rules by number, their cells in FEEL.
 */
final class DecisionCsv {
    private static final CsvMapper CSV = CsvMapper.builder()
            .enable(CsvParser.Feature.WRAP_AS_ARRAY)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .build();

    private DecisionCsv() {}

    /** Inputs, then the decision. @throws DecisionException saying where it cannot be read */
    static List<Node> read(String csv) {
        List<List<String>> lines = lines(csv);
        if (lines.isEmpty() || lines.get(0).size() < 3) {
            throw new DecisionException(
                    "is neither DMN nor a table: its first line must hold a hit policy's letter, inputs, a decision");
        }
        List<String> heading = lines.get(0);
        HitPolicy policy = HitPolicy.ofLetter(heading.get(0))
                .orElseThrow(() -> new DecisionException("the corner must hold a hit policy's letter: U, A, F, C+, C<,"
                        + " C> or C#, not '" + heading.get(0) + "'"));
        int last = heading.size() - 1;
        List<String> inputs =
                heading.subList(1, last).stream().map(String::strip).toList();
        List<DecisionTable.Rule> rules = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            List<String> line = lines.get(i);
            if (line.size() != heading.size()) {
                throw new DecisionException(
                        "rule " + i + ": has " + line.size() + " cells, the first line has " + heading.size());
            }
            rules.add(new DecisionTable.Rule(line.subList(1, last), line.get(last)));
        }
        String decision = heading.get(last).strip();
        DecisionTable table = new DecisionTable(decision, inputs, inputs, policy, rules);
        List<Node> nodes = new ArrayList<>();
        for (String input : inputs) {
            nodes.add(new Node(input, table.valuesOf(input).isEmpty() ? "number" : "string", List.of(), null));
        }
        nodes.add(new Node(decision, "", inputs, table));
        return nodes;
    }

    private static List<List<String>> lines(String csv) {
        try (MappingIterator<List<String>> lines =
                CSV.readerForListOf(String.class).readValues(csv)) {
            return lines.readAll();
        } catch (JsonProcessingException broken) {
            throw new DecisionException(
                    "line "
                            + (broken.getLocation() == null
                                    ? 1
                                    : broken.getLocation().getLineNr()) + ": " + broken.getOriginalMessage(),
                    broken);
        } catch (IOException e) {
            throw new DecisionException("cannot be read: " + e.getMessage(), e);
        }
    }
}
