package ai.consilium.reward.rubric.language;

import ai.consilium.reward.rubric.language.Statements.Said;
import ai.consilium.reward.rubric.language.Statements.Statement;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A value of a finding, and which statements agree with it: a word, a number, or that the finding is there or not. */
final class FindingValue {
    private final String text;
    private final Optional<Quantity> quantity;
    private final String unit;
    private final Forms forms;
    private final Forms rivals;
    private final boolean mayBeNone;

    /**
     * @param usual values that are words; one on no scale is compared with others on none, and with degrees
     * @param others further values of a rubric
     */
    FindingValue(String text, Lexicon lexicon, Set<String> usual, Collection<String> others) {
        this.text = text;
        this.quantity = Quantity.leading(text);
        this.unit = lexicon.unit(Sentence.split(text), 1).orElse("");
        this.forms = lexicon.forms(text);
        Set<String> scale = lexicon.scale(text);
        Set<String> compared = new LinkedHashSet<>(scale);
        if (scale.isEmpty()) {
            Set<String> degree = lexicon.scale("high");
            usual.stream()
                    .filter(value ->
                            degree.contains(value) || lexicon.scale(value).isEmpty())
                    .forEach(compared::add);
        }
        compared.add(text);
        others.stream().filter(other -> !usual.contains(other)).forEach(compared::add);
        this.rivals = lexicon.forms(compared);
        this.mayBeNone = scale.stream().anyMatch(Lexicon.ABSENT::contains);
    }

    String text() {
        return text;
    }

    boolean agrees(Statement statement) {
        if (Lexicon.PRESENT.contains(text)) {
            return statement.presence() == Polarity.AFFIRMED;
        }
        if (Lexicon.ABSENT.contains(text)) {
            return statement.presence() == Polarity.DENIED;
        }
        List<Said> affirmed = comparable(statement, Polarity.AFFIRMED);
        return !affirmed.isEmpty() && affirmed.stream().allMatch(this::same);
    }

    boolean disagrees(Statement statement) {
        if (Lexicon.PRESENT.contains(text)) {
            return statement.presence() == Polarity.DENIED;
        }
        if (Lexicon.ABSENT.contains(text)) {
            return statement.presence() == Polarity.AFFIRMED;
        }
        List<Said> affirmed = comparable(statement, Polarity.AFFIRMED);
        boolean another = !affirmed.isEmpty() && affirmed.stream().noneMatch(this::allowedBy);
        boolean none = mayBeNone
                && statement.presence() == Polarity.DENIED
                && statement.said().isEmpty();
        return another
                || none
                || comparable(statement, Polarity.DENIED).stream().anyMatch(this::same);
    }

    /** What is said that could be this value: words of its scale for a word, the first number of its unit for a number. */
    private List<Said> comparable(Statement statement, Polarity polarity) {
        List<Said> possible = statement.said().stream()
                .filter(said -> said.polarity() == polarity)
                .filter(said -> quantity.isEmpty()
                        ? said.quantity() == null && rivals.contains(said.words())
                        : said.quantity() != null && sameUnit(said))
                .toList();
        return quantity.isPresent() && !possible.isEmpty() ? possible.subList(0, 1) : possible;
    }

    private boolean sameUnit(Said said) {
        return said.unit().isEmpty() || unit.isEmpty() || said.unit().equals(unit);
    }

    private boolean same(Said said) {
        Quantity number = said.quantity();
        return number == null ? forms.contains(said.words()) : quantity.stream().anyMatch(number::is);
    }

    private boolean allowedBy(Said said) {
        Quantity number = said.quantity();
        return number == null ? same(said) : quantity.stream().anyMatch(number::allows);
    }
}
