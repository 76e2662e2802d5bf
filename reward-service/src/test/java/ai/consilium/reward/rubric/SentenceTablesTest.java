package ai.consilium.reward.rubric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.cases.format.Case.Evidence;
import ai.consilium.cases.format.Case.Finding;
import ai.consilium.reward.rubric.language.Lexicon;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How each criterion reads sentences: a table a kind, with what is met and why. */
class SentenceTablesTest {
    private static final List<String> KINDS = List.of(
            "states_findings",
            "states_key_finding",
            "contradicts_findings",
            "states_score",
            "names_candidates",
            "mentions",
            "in_order",
            "findings_in_order",
            "max_words",
            "prose",
            "concludes");
    private static final Pattern UNICODE = Pattern.compile("\\\\u([0-9a-f]{4})");

    private static final Lexicon LEXICON = new Lexicon(Map.ofEntries(
            Map.entry("breathing", List.of("respiratory rate", "breaths per minute", "RR")),
            Map.entry("pressure", List.of("blood pressure", "systolic pressure", "BP")),
            Map.entry("confusion", List.of("confused", "disoriented")),
            Map.entry("urea", List.of("BUN")),
            Map.entry("film", List.of("chest x-ray", "radiograph", "CXR", "opacity", "infiltrate")),
            Map.entry("sign", List.of("danger sign")),
            Map.entry("haemorrhages", List.of("bleeding")),
            Map.entry("veil", List.of("blue-white veil")),
            Map.entry("network", List.of("pigment network")),
            Map.entry("oxygen", List.of("SpO2", "oxygen saturation")),
            Map.entry("platelets", List.of("platelet count", "thrombocytes"))));

    /** The patients of the tables. */
    private static final Map<String, Evidence> CASES = Map.of(
            "adult",
            new Evidence(
                    List.of(
                            wrong("urea", "high"),
                            wrong("breathing", "52/min"),
                            fine("pressure", "normal"),
                            wrong("confusion", "yes"),
                            wrong("film", "both")),
                    "CURB-65 (without diastolic pressure)",
                    "3",
                    List.of("ward", "home care")),
            "well",
            new Evidence(
                    List.of(
                            fine("urea", "normal"),
                            fine("breathing", "16/min"),
                            fine("pressure", "normal"),
                            fine("confusion", "no"),
                            fine("film", "clear")),
                    "CURB-65",
                    "0",
                    List.of("home care", "no pneumonia")),
            "child",
            new Evidence(
                    List.of(
                            wrong("film", "one"),
                            fine("age", "infant"),
                            wrong("breathing", "high"),
                            wrong("sign", "danger")),
                    "WHO IMCI, cough or difficult breathing",
                    null,
                    List.of("pneumonia", "severe pneumonia")),
            "eye",
            new Evidence(
                    List.of(
                            wrong("microaneurysms", "yes"),
                            fine("exudates", "no"),
                            wrong("haemorrhages", "three"),
                            wrong("vessels", "new")),
                    "ICDR scale",
                    "4",
                    List.of("severe", "proliferative")),
            "skin",
            new Evidence(
                    List.of(
                            wrong("network", "atypical"),
                            wrong("veil", "yes"),
                            fine("vessels", "absent"),
                            wrong("blotches", "irregular")),
                    "7-point checklist of dermoscopy",
                    "5",
                    List.of("monitor", "excise")),
            "lab",
            new Evidence(
                    List.of(
                            wrong("potassium", "6.1 mmol/L"),
                            wrong("temperature", "38.5 °C"),
                            wrong("oxygen", "88 %"),
                            wrong("platelets", "low"),
                            fine("weight", "1,250 g"),
                            wrong("HbA1c", "7.2 %")),
                    "SOFA",
                    "12",
                    List.of("sepsis", "dehydration")));

    private record Row(String of, String about, String met, String thought, String why) {}

    @TestFactory
    List<DynamicTest> givenAThoughtInSentencesThenACriterionIsMetAsItsTableSays() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String kind : KINDS) {
            for (Row row : rows(kind)) {
                tests.add(DynamicTest.dynamicTest(kind + ": " + row.thought() + " (" + row.why() + ")", () -> {
                    Optional<Double> met = met(kind, row);
                    if (row.met().equals("null")) {
                        assertThat(met).as("%s", row).isEmpty();
                    } else {
                        assertThat(met.orElseThrow())
                                .as("%s", row)
                                .isEqualTo(Double.parseDouble(row.met()), within(1e-9));
                    }
                }));
            }
        }
        return tests;
    }

    @ParameterizedTest
    @ValueSource(strings = {"urea is 5٢ ٥", "𝟓𝟐 urea", "\uD835 urea high", "urea 𐒢", "Ⅳ ① ² ½ urea"})
    void givenUnusualCharactersThenTheyAreReadOrPassedOver(String thought) {
        for (String kind : KINDS) {
            String about = switch (kind) {
                case "states_findings" -> "all";
                case "names_candidates", "max_words" -> "2";
                default -> "urea / film";
            };

            assertThat(met(kind, new Row("adult", about, "", thought, "")))
                    .as(kind)
                    .hasValueSatisfying(met -> assertThat(met).isBetween(0.0, 1.0));
        }
    }

    private static Optional<Double> met(String kind, Row row) {
        Evidence evidence = Objects.requireNonNull(CASES.get(row.of()), row.of());
        List<String> about = Arrays.asList(row.about().split(" / "));
        boolean one = kind.equals("states_findings") && !row.about().equals("all");
        Evidence asked = one ? onlyAbnormal(evidence, row.about()) : evidence;
        Criterion criterion = switch (kind) {
            case "states_findings" ->
                new Criterion.StatesFindings(1, one ? Criterion.Which.ABNORMAL : Criterion.Which.ALL);
            case "states_key_finding" -> new Criterion.StatesKeyFinding(1);
            case "contradicts_findings" ->
                new Criterion.ContradictsFindings(1, row.about().isEmpty() ? List.of() : about);
            case "states_score" -> new Criterion.StatesScore(1);
            case "names_candidates" -> new Criterion.NamesCandidates(1, Integer.parseInt(row.about()));
            case "mentions" -> new Criterion.Mentions(1, about);
            case "in_order" -> new Criterion.InOrder(1, about);
            case "findings_in_order" -> new Criterion.FindingsInOrder(1);
            case "max_words" -> new Criterion.MaxWords(1, Integer.parseInt(row.about()));
            case "prose" -> new Criterion.Prose(1);
            case "concludes" -> new Criterion.Concludes(1);
            default -> throw new IllegalArgumentException(kind);
        };
        Reading reading = new NaturalReasoning("<think>" + row.thought() + "</think>", LEXICON, asked);
        return criterion.check(reading, asked).map(Criterion.Check::met);
    }

    private static Evidence onlyAbnormal(Evidence evidence, String name) {
        return new Evidence(
                evidence.findings().stream()
                        .map(finding -> new Finding(
                                finding.name(),
                                finding.value(),
                                "text",
                                finding.name().equals(name)))
                        .toList(),
                evidence.rule(),
                evidence.score(),
                evidence.candidates());
    }

    private static List<Row> rows(String kind) {
        try (InputStream in = SentenceTablesTest.class.getResourceAsStream("sentences/" + kind + ".tsv")) {
            return new String(Objects.requireNonNull(in, kind).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .skip(1)
                    .map(line -> line.split("\t", -1))
                    .map(cells -> new Row(cells[0], cells[1], cells[2], unescaped(cells[3]), cells[4]))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Line breaks and characters that do not show are written as in Java. */
    private static String unescaped(String text) {
        return UNICODE.matcher(text)
                .replaceAll(found -> Character.toString(Integer.parseInt(found.group(1), 16)))
                .translateEscapes();
    }

    private static Finding wrong(String name, String value) {
        return new Finding(name, value, "text", true);
    }

    private static Finding fine(String name, String value) {
        return new Finding(name, value, "text", false);
    }
}
