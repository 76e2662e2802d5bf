import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Prints the slowest tests of the last build, and the time of each module's, from Surefire's and Failsafe's reports. In the
 * repository's root, with how many to print (15): {@code java tests/SlowestTests.java 30}.
 */
final class SlowestTests {
    private record Timed(double seconds, String module, String test) {}

    private record Module(double unit, double integration) {
        Module plus(Module other) {
            return new Module(unit + other.unit, integration + other.integration);
        }
    }

    private SlowestTests() {}

    public static void main(String[] arguments) throws Exception {
        List<Timed> tests = new ArrayList<>();
        Map<String, Module> modules = new TreeMap<>();
        for (File report : reports()) {
            boolean integration = report.getParentFile().getName().startsWith("failsafe");
            String module = report.toPath().getName(0).toString();
            Element suite = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report)
                    .getDocumentElement();
            double rest = seconds(suite);
            modules.merge(module, new Module(integration ? 0 : rest, integration ? rest : 0), Module::plus);
            NodeList cases = suite.getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                tests.add(new Timed(seconds(test), module, simple(test.getAttribute("classname")) + "." + test.getAttribute("name")));
                rest -= seconds(test);
            }
            tests.add(new Timed(rest, module, simple(suite.getAttribute("name")) + ", set-up"));
        }
        tests.sort(Comparator.comparingDouble(Timed::seconds).reversed());
        tests.stream()
                .limit(arguments.length == 0 ? 15 : Integer.parseInt(arguments[0]))
                .forEach(test -> System.out.printf(Locale.ROOT, "%6.1f s  %s: %s%n", test.seconds, test.module, test.test));
        System.out.println("    unit  integration");
        modules.forEach((name, times) ->
                System.out.printf(Locale.ROOT, "%6.1f s %6.1f s  %s%n", times.unit, times.integration, name));
    }

    private static List<File> reports() throws Exception {
        List<File> reports = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Path.of(""))) {
            for (Path module : modules.toList()) {
                for (String kind : List.of("surefire-reports", "failsafe-reports")) {
                    File[] found = module.resolve("target").resolve(kind).toFile()
                            .listFiles((directory, name) -> name.startsWith("TEST-") && name.endsWith(".xml"));
                    reports.addAll(List.of(found == null ? new File[0] : found));
                }
            }
        }
        return reports;
    }

    private static double seconds(Element element) {
        return Double.parseDouble(element.getAttribute("time").replace(",", ""));
    }

    private static String simple(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }
}
