package ai.consilium.reward.rubric;

import static ai.consilium.platform.config.Require.require;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rubrics as other projects write them, told by their fields. A judge checks every criterion of theirs; all of them weigh as
 * {@link Rubric} does, so that a score means the same.
 */
final class ForeignRubric {
    /** What only a rubric of our own has beside its criteria. */
    private static final List<String> OURS = List.of("perspective", "reads", "terms");
    /** Autorubric's own default. */
    private static final double AUTORUBRIC_WEIGHT = 10;

    /** A criterion of another project's. */
    private interface Item {
        /** Empty where it weighs nothing. */
        Optional<JudgedCriterion> judged();
    }

    /**
     * Of HealthBench.
     *
     * @param criterion may begin with what it is worth
     */
    record HealthBenchItem(
            String criterion, double points, @Nullable List<String> tags) implements Item {
        HealthBenchItem {
            require(criterion != null && !criterion.isBlank(), "criterion: is needed");
            require(Double.isFinite(points) && points != 0, "points: must be a number other than 0, not " + points);
        }

        @Override
        public Optional<JudgedCriterion> judged() {
            return Optional.of(new JudgedCriterion(points, criterion, null, tags, null));
        }
    }

    /** An example of HealthBench; the conversation that it is about is not ours, and is passed over. */
    @JsonIgnoreProperties({
        "prompt",
        "prompt_id",
        "example_tags",
        "ideal_completions_data",
        "canary",
        "completion",
        "completion_id"
    })
    record HealthBenchExample(List<HealthBenchItem> rubrics) {
        HealthBenchExample {
            requireEntries(rubrics);
        }
    }

    /** Of verifiers' rubric judge. */
    record VerifiersItem(
            String name,
            String text,
            @Nullable Double weight,
            @Nullable List<String> choices) implements Item {
        VerifiersItem {
            require(name != null && !name.isBlank(), "name: is needed");
            require(text != null && !text.isBlank(), "text: is needed");
            require(
                    weight == null || Double.isFinite(weight) && weight >= 0,
                    "weight: must be 0 or more in a rubric of this form, not " + weight);
        }

        @Override
        public Optional<JudgedCriterion> judged() {
            double worth = Objects.requireNonNullElse(weight, 1.0);
            return worth == 0
                    ? Optional.empty()
                    : Optional.of(new JudgedCriterion(
                            worth, text, name, null, Objects.requireNonNullElse(choices, List.of("no", "yes"))));
        }
    }

    /** A file of verifiers; what else stands there is for people. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record VerifiersFile(List<VerifiersItem> criteria) {
        VerifiersFile {
            requireEntries(criteria);
        }
    }

    /**
     * Of autorubric, and of the library rubric before it: a criterion, or what holds some, be it a section, a list of sections or
     * the whole. Titles are for people.
     */
    @JsonIgnoreProperties({"title", "description"})
    record AutorubricPart(
            @Nullable String name,
            @Nullable String requirement,
            @Nullable Double weight,
            @Nullable List<AutorubricPart> criteria,
            @Nullable List<AutorubricPart> sections,

            @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
            List<AutorubricPart> rubric)
            implements Item {
        AutorubricPart {
            List<List<AutorubricPart>> held = Stream.of(criteria, sections, rubric)
                    .filter(Objects::nonNull)
                    .toList();
            held.forEach(ForeignRubric::requireEntries);
            int forms = held.size();
            require(
                    forms <= 1 && (forms == 0 || requirement == null),
                    "requirement, criteria, sections, rubric: one of them says what the part is");
            require(forms == 1 || requirement != null && !requirement.isBlank(), "requirement: is needed");
            require(forms == 0 || weight == null, "weight: is of a criterion, not of what holds some");
            require(
                    weight == null || Double.isFinite(weight) && weight != 0,
                    "weight: must be a number other than 0, not " + weight);
        }

        /** The criteria in it, in order. */
        Stream<AutorubricPart> leaves() {
            return requirement != null
                    ? Stream.of(this)
                    : Stream.of(criteria, sections, rubric)
                            .flatMap(parts -> parts == null ? Stream.empty() : parts.stream())
                            .flatMap(AutorubricPart::leaves);
        }

        @Override
        public Optional<JudgedCriterion> judged() {
            return Optional.ofNullable(requirement)
                    .map(text -> new JudgedCriterion(
                            Objects.requireNonNullElse(weight, AUTORUBRIC_WEIGHT), text, name, null, null));
        }
    }

    private ForeignRubric() {}

    /**
     * The rubric in another project's file; empty where it is none of theirs.
     *
     * @param name that it gets: theirs have none
     * @param text of the file
     * @throws JsonProcessingException naming line and field of what cannot be read
     */
    static Optional<Rubric> read(ObjectMapper mapper, String name, String text) throws JsonProcessingException {
        JsonNode root = mapper.readTree(text);
        JsonNode first = (root.isArray() ? root : root.path("criteria")).path(0);
        List<? extends Item> items;
        if (root.has("rubrics")) {
            items = mapper.readValue(text, HealthBenchExample.class).rubrics();
        } else if (first.has("kind") || OURS.stream().anyMatch(root::has)) {
            return Optional.empty();
        } else if (first.has("criterion") && root.isArray()) {
            items = list(mapper, text, HealthBenchItem.class);
        } else if (first.has("requirement") || first.has("criteria") || root.has("sections") || root.has("rubric")) {
            List<AutorubricPart> parts = root.isArray()
                    ? list(mapper, text, AutorubricPart.class)
                    : List.of(mapper.readValue(text, AutorubricPart.class));
            items = parts.stream().flatMap(AutorubricPart::leaves).toList();
        } else if (first.has("text")) {
            items = distinct(
                    root.isArray()
                            ? list(mapper, text, VerifiersItem.class)
                            : mapper.readValue(text, VerifiersFile.class).criteria());
        } else if (root.isArray()) {
            throw new IllegalArgumentException(
                    "the list's first entry has none of the fields 'criterion' (HealthBench),"
                            + " 'text' (verifiers), 'requirement' or 'criteria' (autorubric)");
        } else {
            return Optional.empty();
        }
        List<Criterion> criteria = items.stream()
                .flatMap(item -> item.judged().stream())
                .<Criterion>map(criterion -> criterion)
                .toList();
        return Optional.of(new Rubric(name, null, null, null, criteria));
    }

    /** Verifiers takes no name twice. */
    private static List<VerifiersItem> distinct(List<VerifiersItem> items) {
        Set<String> names = new HashSet<>();
        items.forEach(
                item -> require(names.add(item.name()), "criteria: name '" + item.name() + "' stands there twice"));
        return items;
    }

    private static <T> List<T> list(ObjectMapper mapper, String text, Class<T> item) throws JsonProcessingException {
        List<T> list = mapper.readerForListOf(item).readValue(text);
        requireEntries(list);
        return list;
    }

    private static void requireEntries(@Nullable List<?> list) {
        require(list != null && list.stream().allMatch(Objects::nonNull), "an entry is empty");
    }
}
