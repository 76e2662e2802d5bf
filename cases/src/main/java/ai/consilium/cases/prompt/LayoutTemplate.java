package ai.consilium.cases.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text with places to fill: {@code {question}}. Doubled braces are braces.
 *
 * @param parts in order
 */
record LayoutTemplate(List<Part> parts) {
    private static final Pattern PART = Pattern.compile("\\{\\{|}}|\\{([a-z_]*)}|[^{}]+|[{}]");

    /** What a template consists of. */
    sealed interface Part {
        record Literal(String text) implements Part {}

        record Place(String name) implements Part {}
    }

    /**
     * Reads a template.
     *
     * @param places that may be filled
     * @throws IllegalArgumentException naming an unknown place or a brace that stands alone
     */
    static LayoutTemplate parse(String text, Set<String> places) {
        List<Part> parts = new ArrayList<>();
        Matcher part = PART.matcher(text);
        while (part.find()) {
            String found = part.group();
            String name = part.group(1);
            if (name != null) {
                if (!places.contains(name)) {
                    throw new IllegalArgumentException("{" + name + "} is not one of "
                            + places.stream()
                                    .sorted()
                                    .map(each -> "{" + each + "}")
                                    .toList());
                }
                parts.add(new Part.Place(name));
            } else if (found.equals("{") || found.equals("}")) {
                throw new IllegalArgumentException("a brace of the text itself is written twice: " + found + found);
            } else {
                parts.add(new Part.Literal(found.equals("{{") ? "{" : found.equals("}}") ? "}" : found));
            }
        }
        return new LayoutTemplate(List.copyOf(parts));
    }

    /** Fills the places; every one must have a value. */
    MarkedText fill(Map<String, MarkedText> values) {
        return MarkedText.join(parts.stream()
                .map(part -> part instanceof Part.Place place
                        ? values.get(place.name())
                        : MarkedText.written(((Part.Literal) part).text()))
                .toList());
    }
}
