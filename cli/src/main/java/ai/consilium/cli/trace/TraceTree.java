package ai.consilium.cli.trace;

import ai.consilium.cases.format.Printable;
import ai.consilium.runlog.provenance.Provenance;
import ai.consilium.runlog.provenance.TracedGroup;
import ai.consilium.runlog.provenance.TracedSample;
import ai.consilium.runlog.provenance.TracedVersion;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was traced, as a tree for a terminal of 120 columns. Pure. */
public final class TraceTree {
    private static final int COLUMNS = 120;
    private static final int HASH = 12;

    /** A line with what belongs under it. */
    private record Node(String text, List<Node> children) {
        static Node of(String text, Node... children) {
            return new Node(text, new ArrayList<>(List.of(children)));
        }
    }

    private final CaseImages images;

    private TraceTree(CaseImages images) {
        this.images = images;
    }

    /** The tree: of a version down to its groups; of a group or trajectory with the version that was trained on it. */
    public static String render(Provenance traced, CaseImages images) {
        TraceTree tree = new TraceTree(images);
        List<Node> roots = new ArrayList<>();
        if (traced.version() != null) {
            Node version = tree.version(traced.version());
            traced.groups().forEach(group -> version.children().add(tree.group(group)));
            roots.add(version);
        } else {
            traced.groups().forEach(group -> roots.add(tree.group(group)));
        }
        StringBuilder out = new StringBuilder();
        roots.forEach(root -> draw(root, "", "", out));
        if (images.missing() != null) {
            out.append(cut("images not read: " + images.missing())).append('\n');
        }
        return out.toString();
    }

    private static void draw(Node node, String first, String others, StringBuilder out) {
        out.append(cut(first + Printable.shown(node.text()))).append('\n');
        for (int i = 0; i < node.children().size(); i++) {
            boolean last = i == node.children().size() - 1;
            draw(node.children().get(i), others + (last ? "└─ " : "├─ "), others + (last ? "   " : "│  "), out);
        }
    }

    private static String cut(String line) {
        return line.length() <= COLUMNS ? line : line.substring(0, COLUMNS - 1) + "…";
    }

    private Node version(TracedVersion version) {
        Node node = Node.of(version.name() + "  " + version.kind() + (version.finalVersion() ? ", final" : "") + ", "
                + Instant.ofEpochMilli(version.createdMs()).truncatedTo(ChronoUnit.SECONDS) + " by " + version.writer()
                + "  " + version.place());
        node.children().add(Node.of("adapter " + version.adapterHash()));
        for (TracedVersion.Parent parent : version.parents()) {
            node.children().add(Node.of("made from " + parent.name() + "  adapter " + brief(parent.adapterHash())));
        }
        for (TracedVersion.Range range : version.consumed()) {
            node.children()
                    .add(Node.of("consumed " + range.topic() + "/" + range.partition() + "@" + range.from() + " to @"
                            + (range.to() - 1)));
        }
        node.children().add(Node.of("settings " + version.configHash()));
        node.children().add(Node.of(groups(version)));
        return node;
    }

    private static String groups(TracedVersion version) {
        if (version.endsEarly()) {
            return "no groups: the expert got no further in its round; the weights are those of the version before";
        }
        return version.groupIds().size()
                + (version.groupIds().size() == 1 ? " group" : " groups")
                + (version.accounted()
                        ? ", which the outcomes name too"
                        : "; the outcomes name OTHER groups for this version");
    }

    private Node group(TracedGroup group) {
        TracedGroup.CaseName name = group.caseName();
        Node node = Node.of(
                "group " + group.id() + "  " + group.purpose() + "  " + ending(group.end()),
                Node.of(
                        "case " + name.id() + "  " + name.file() + " sha256 " + brief(name.fileSha256()),
                        images.byCase().getOrDefault(name.id(), List.of()).stream()
                                .map(image -> Node.of("image " + brief(image.sha256()) + "  " + image.file()))
                                .toArray(Node[]::new)),
                Node.of("prompt " + group.prompt() + "  admitted at version " + group.admittedAtVersion()
                        + "  scoring configuration " + brief(group.scoringConfigHash())));
        TracedGroup.Closed closed = group.closed();
        if (closed != null) {
            node.children()
                    .add(Node.of("advantages " + closed.place() + "  " + closed.estimator() + ", " + closed.how()
                            + (closed.missing().isEmpty() ? "" : ", without samples " + closed.missing())));
        }
        group.samples().forEach(sample -> node.children().add(sample(sample)));
        return node;
    }

    private static String ending(TracedGroup.@Nullable End end) {
        if (end == null) {
            return "open";
        }
        return (end.version() == null ? end.outcome() + ": " + end.reason() : "trained " + end.version()) + "  "
                + end.place();
    }

    private static Node sample(TracedSample sample) {
        String advantage = sample.advantage() == null
                ? sample.standing()
                : String.format(Locale.ROOT, "advantage %+.4f", sample.advantage());
        Node node = Node.of(
                "sample " + sample.sample() + " " + sample.perspective() + "  " + advantage + "  trajectory "
                        + brief(sample.trajectoryId()) + "  " + sample.place(),
                Node.of(sample.tokens() + " tokens to " + sample.finished() + " by " + sample.worker()
                        + ", sampled with "
                        + sample.sampledBy().stream()
                                .map(TracedSample.Sampled::version)
                                .distinct()
                                .collect(Collectors.joining(", "))
                        + "  prompt " + brief(sample.promptHash())));
        if (!sample.parts().isEmpty()) {
            node.children().add(Node.of("parts  " + parts(sample.parts())));
        }
        for (TracedSample.GivenScore score : sample.scores()) {
            node.children().add(Node.of(score(score) + (sample.scored() == null ? "" : "  " + sample.scored())));
        }
        return node;
    }

    private static String parts(Map<String, Double> parts) {
        return parts.entrySet().stream()
                .map(part -> String.format(Locale.ROOT, "%s %.3f", part.getKey(), part.getValue()))
                .collect(Collectors.joining("  "));
    }

    private static String score(TracedSample.GivenScore score) {
        String kind = (score.shadow() ? " (shadow)" : "") + (score.late() ? " (late)" : "");
        String value = score.value() == null
                ? "unscored: " + score.unscored()
                : new DecimalFormat("0.####", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(score.value());
        String evidence = score.evidence().isEmpty() ? "" : "  " + String.join("; ", score.evidence());
        String words = value + evidence;
        return "score " + score.scorer() + kind + "  version " + brief(score.version()) + "  "
                + (words.length() > 50 ? words.substring(0, 50) + "…" : words);
    }

    private static String brief(String hash) {
        return hash.substring(0, Math.min(HASH, hash.length()));
    }
}
