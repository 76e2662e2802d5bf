package ai.consilium.reward.dmn;

import ai.consilium.reward.dmn.DecisionModel.Node;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** Decision Model and Notation (OMG, formal/2021-02-01 and later): inputs, decision tables, literal expressions. */
final class DmnFile {
    /** Of DMN 1.3, 1.4 and 1.5. */
    private static final Set<String> NAMESPACES = Set.of(
            "https://www.omg.org/spec/DMN/20191111/MODEL/",
            "https://www.omg.org/spec/DMN/20211108/MODEL/",
            "https://www.omg.org/spec/DMN/20230324/MODEL/");

    private static final List<String> NOT_READ =
            List.of("businessKnowledgeModel", "decisionService", "import", "context", "invocation", "relation", "list");

    private final Map<String, String> namesById = new LinkedHashMap<>();
    private final String namespace;

    private DmnFile(String namespace) {
        this.namespace = namespace;
    }

    /** Inputs and decisions, in the order of the file. @throws DecisionException saying where it cannot be read */
    static List<Node> read(String xml) {
        Element root = root(xml);
        String namespace = String.valueOf(root.getNamespaceURI());
        if (!root.getLocalName().equals("definitions") || !NAMESPACES.contains(namespace)) {
            throw new DecisionException(
                    "is not DMN 1.3, 1.4 or 1.5: its root is " + root.getTagName() + " of " + namespace);
        }
        return new DmnFile(namespace).nodes(root);
    }

    private static Element root(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            // Without it a file could name others of this machine.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new Strict());
            return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
        } catch (SAXParseException broken) {
            throw new DecisionException("line " + broken.getLineNumber() + ": " + broken.getMessage(), broken);
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new DecisionException("is no XML: " + e.getMessage(), e);
        }
    }

    /** The parser would print what is wrong. */
    private static final class Strict implements ErrorHandler {
        @Override
        public void warning(SAXParseException exception) {
            // what is read is checked here
        }

        @Override
        public void error(SAXParseException exception) throws SAXException {
            throw exception;
        }

        @Override
        public void fatalError(SAXParseException exception) throws SAXException {
            throw exception;
        }
    }

    private List<Node> nodes(Element root) {
        for (String element : NOT_READ) {
            if (root.getElementsByTagNameNS(namespace, element).getLength() > 0) {
                throw new DecisionException("uses <" + element + ">, which is not read: inputs, decision tables and"
                        + " literal expressions are");
            }
        }
        List<Element> all = new ArrayList<>(children(root, "inputData"));
        all.addAll(children(root, "decision"));
        all.forEach(element -> namesById.put(element.getAttribute("id"), name(element)));
        List<Node> nodes = new ArrayList<>();
        for (Element element : all) {
            boolean decides = element.getLocalName().equals("decision");
            String type = child(element, "variable")
                    .map(variable -> variable.getAttribute("typeRef"))
                    .orElse("");
            nodes.add(new Node(name(element), type, requires(element), decides ? logic(element) : null));
        }
        return nodes;
    }

    private static String name(Element element) {
        String name = element.getAttribute("name").strip();
        if (name.isEmpty()) {
            throw new DecisionException("a <" + element.getLocalName() + "> has no name");
        }
        return name;
    }

    private List<String> requires(Element decision) {
        List<String> names = new ArrayList<>();
        for (Element requirement : children(decision, "informationRequirement")) {
            for (String kind : List.of("requiredInput", "requiredDecision")) {
                for (Element required : children(requirement, kind)) {
                    String href = required.getAttribute("href");
                    String name = namesById.get(href.substring(href.indexOf('#') + 1));
                    if (name == null) {
                        throw new DecisionException(
                                "decision '" + name(decision) + "' requires " + href + ", which is not in the file");
                    }
                    names.add(name);
                }
            }
        }
        return names;
    }

    private DecisionLogic logic(Element decision) {
        String name = name(decision);
        Optional<Element> table = child(decision, "decisionTable");
        if (table.isPresent()) {
            return table(name, table.get());
        }
        return child(decision, "literalExpression")
                .map(expression -> new DecisionExpression(Feel.expression("decision '" + name + "'", text(expression))))
                .orElseThrow(() -> new DecisionException(
                        "decision '" + name + "' has neither a decision table nor a literal expression"));
    }

    private DecisionTable table(String name, Element table) {
        String where = "decision '" + name + "'";
        if (children(table, "output").size() != 1) {
            throw new DecisionException(
                    where + ": has " + children(table, "output").size() + " outputs; one is needed");
        }
        String policy = table.getAttribute("hitPolicy").isEmpty() ? "UNIQUE" : table.getAttribute("hitPolicy");
        String aggregation = table.getAttribute("aggregation");
        HitPolicy hits = HitPolicy.of(policy, aggregation)
                .orElseThrow(() -> new DecisionException(where + ": hit policy " + policy
                        + (aggregation.isEmpty() ? "" : " " + aggregation)
                        + " is not one of UNIQUE, ANY, FIRST, and COLLECT with SUM, MIN, MAX or COUNT"));
        List<String> inputs = children(table, "input").stream()
                .map(input -> text(child(input, "inputExpression")
                        .orElseThrow(() -> new DecisionException(where + ": an input has no expression"))))
                .toList();
        List<DecisionTable.Rule> rules = children(table, "rule").stream()
                .map(rule -> new DecisionTable.Rule(
                        children(rule, "inputEntry").stream().map(this::text).toList(),
                        children(rule, "outputEntry").stream()
                                .map(this::text)
                                .findFirst()
                                .orElse("")))
                .toList();
        return new DecisionTable(name, namesById.values(), inputs, hits, rules);
    }

    private String text(Element element) {
        return child(element, "text").map(text -> text.getTextContent().strip()).orElse("");
    }

    private Optional<Element> child(Element parent, String name) {
        return children(parent, name).stream().findFirst();
    }

    private List<Element> children(Element parent, String name) {
        NodeList all = parent.getChildNodes();
        return IntStream.range(0, all.getLength())
                .mapToObj(all::item)
                .filter(node -> node instanceof Element
                        && namespace.equals(node.getNamespaceURI())
                        && name.equals(node.getLocalName()))
                .map(Element.class::cast)
                .toList();
    }
}
