package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import ai.consilium.cases.prompt.Perspective;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** A patient told from each perspective, in sentences. The wording is drawn; what is said is not. */
final class TraceSentences {
    private static final JsonNode WORDING = wording();

    private final Department department;
    private final Patient patient;
    private final List<String> candidates;
    private final Random random;

    private TraceSentences(Department department, Patient patient, List<String> candidates, Random random) {
        this.department = department;
        this.patient = patient;
        this.candidates = candidates;
        this.random = random;
    }

    /**
     * Trace by perspective.
     *
     * @param candidates the right answer and its nearest rival, mildest first
     * @param random for the wording alone
     */
    static Map<String, String> of(Department department, Patient patient, List<String> candidates, Random random) {
        TraceSentences told = new TraceSentences(department, patient, candidates, random);
        Map<String, String> traces = new LinkedHashMap<>();
        traces.put(Perspective.DIFFERENTIAL, told.differential());
        traces.put(Perspective.INTUITIVE, told.intuitive());
        traces.put(Perspective.ANALYTICAL, told.analytical());
        traces.put(Perspective.BAYESIAN, told.bayesian());
        traces.put(Perspective.NONE, told.plain());
        return traces;
    }

    private String differential() {
        List<String> said = findings(patient.assessment().findings());
        said.add(frame("weigh"));
        said.add(frame("favour"));
        return String.join(" ", said);
    }

    private String intuitive() {
        List<Finding> abnormal = patient.assessment().findings().stream()
                .filter(Finding::abnormal)
                .toList();
        List<String> said = new ArrayList<>();
        if (abnormal.isEmpty()) {
            said.add(frame("plain"));
            said.addAll(findings(patient.assessment().findings().subList(0, 1)));
        } else {
            said.addAll(findings(abnormal));
        }
        said.add(frame("recognise"));
        return String.join(" ", said);
    }

    /** Each finding, with the running score where it grows. */
    private String analytical() {
        List<String> said = new ArrayList<>();
        int before = 0;
        for (Assessment.Step step : patient.assessment().steps()) {
            said.add(clause(step.finding()) + ".");
            Integer total = step.total();
            if (total != null && total > before) {
                said.add(frame("total", Map.of("total", total.toString())));
                before = total;
            }
        }
        Integer score = patient.assessment().score();
        if (score != null) {
            said.add(frame("score", Map.of("score", score.toString())));
        }
        said.add(frame("follows"));
        return String.join(" ", said);
    }

    private String bayesian() {
        List<String> said = new ArrayList<>();
        said.add(frame("usual"));
        for (Finding finding : patient.assessment().findings()) {
            said.add(clause(finding) + shift(finding) + ".");
        }
        said.add(frame("weigh"));
        said.add(frame("posterior"));
        return String.join(" ", said);
    }

    /** Which way a finding moves the odds; some only set what others are measured by. */
    private String shift(Finding finding) {
        boolean measures = WORDING.path("measures")
                .path(department.specialty())
                .path(finding.name())
                .asBoolean();
        return measures ? "" : frame(finding.abnormal() ? "graver" : "milder");
    }

    private String plain() {
        List<String> said = findings(patient.assessment().findings());
        said.add(frame("follows"));
        return String.join(" ", said);
    }

    private List<String> findings(List<Finding> findings) {
        List<String> said = new ArrayList<>();
        findings.forEach(finding -> said.add(clause(finding) + "."));
        return said;
    }

    private String clause(Finding finding) {
        return filled(
                WORDING.path(department.specialty()).path(finding.name()).path(finding.value()), patient.context());
    }

    private String frame(String name) {
        return frame(name, Map.of());
    }

    private String frame(String name, Map<String, String> further) {
        String answer = patient.assessment().answer();
        Map<String, String> places = new HashMap<>(further);
        places.put("answer", called(answer));
        places.put("rival", called(candidates.get(candidates.get(0).equals(answer) ? 1 : 0)));
        places.put("mild", called(candidates.get(0)));
        places.put("grave", called(candidates.get(1)));
        places.put("usual", called(department.usual()));
        return filled(WORDING.path("frames").path(name), places);
    }

    private static String called(String option) {
        return WORDING.path("options").path(option).path(0).asText(option);
    }

    private String filled(JsonNode ways, Map<String, String> places) {
        String text = ways.required(random.nextInt(ways.size())).asText();
        for (Map.Entry<String, String> place : places.entrySet()) {
            text = text.replace("{" + place.getKey() + "}", place.getValue());
        }
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static JsonNode wording() {
        try (InputStream in = TraceSentences.class.getResourceAsStream("trace-sentences.yaml")) {
            return new YAMLMapper().readTree(Objects.requireNonNull(in, "resource trace-sentences.yaml is missing"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
