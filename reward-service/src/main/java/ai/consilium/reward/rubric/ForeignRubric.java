package ai.consilium.reward.rubric;

import static ai.consilium.platform.config.Require.require;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rubrics as other projects write them, told by their fields. A judge checks every criterion of theirs; all of them weigh as
 * {@link Rubric} does, so that a score means the same.
 */
final class ForeignRubric {
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
    record HealthBenchExample(List<HealthBenchItem> rubrics) {}

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

    /** A file of verifiers. */
    record VerifiersFile(List<VerifiersItem> criteria) {}

    /** Of autorubric, and of the library rubric before it. */
    record AutorubricItem(
            @Nullable String name,
            String requirement,
            @Nullable Double weight) implements Item {
        AutorubricItem {
            require(requirement != null && !requirement.isBlank(), "requirement: is needed");
            require(
                    weight == null || Double.isFinite(weight) && weight != 0,
                    "weight: must be a number other than 0, not " + weight);
        }

        @Override
        public Optional<JudgedCriterion> judged() {
            return Optional.of(new JudgedCriterion(
                    Objects.requireNonNullElse(weight, AUTORUBRIC_WEIGHT), requirement, name, null, null));
        }
    }

    /** A file of autorubric that is no plain list. */
    record AutorubricFile(List<AutorubricItem> criteria) {}

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
        } else if (first.has("kind")) {
            return Optional.empty();
        } else if (first.has("criterion") && root.isArray()) {
            items = list(mapper, text, HealthBenchItem.class);
        } else if (first.has("requirement")) {
            items = root.isArray()
                    ? list(mapper, text, AutorubricItem.class)
                    : mapper.readValue(text, AutorubricFile.class).criteria();
        } else if (first.has("text")) {
            items = root.isArray()
                    ? list(mapper, text, VerifiersItem.class)
                    : mapper.readValue(text, VerifiersFile.class).criteria();
        } else if (root.isArray()) {
            throw new IllegalArgumentException(
                    "the list's first entry has none of the fields 'criterion' (HealthBench),"
                            + " 'text' (verifiers) and 'requirement' (autorubric)");
        } else {
            return Optional.empty();
        }
        List<Criterion> criteria = Objects.requireNonNullElse(items, List.<Item>of()).stream()
                .flatMap(item -> item.judged().stream())
                .<Criterion>map(criterion -> criterion)
                .toList();
        return Optional.of(new Rubric(name, null, null, null, criteria));
    }

    private static <T> List<T> list(ObjectMapper mapper, String text, Class<T> item) throws JsonProcessingException {
        return mapper.readerForListOf(item).readValue(text);
    }
}
