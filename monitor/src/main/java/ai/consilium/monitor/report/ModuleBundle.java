package ai.consilium.monitor.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The modules of the page as one script: a page that is opened from disk may not load modules from other files. Each module
 * becomes a function of its own, so that their names do not meet. Pure.
 */
final class ModuleBundle {
    private static final Pattern IMPORT =
            Pattern.compile("^import (?:(\\{[^}]*}) from )?\"\\./([\\w.]+)\";$", Pattern.MULTILINE);
    private static final Pattern EXPORT =
            Pattern.compile("^export ((?:async )?(?:function|const|let) (\\w+))", Pattern.MULTILINE);
    private static final Pattern LEFT_OVER = Pattern.compile("^(?:import|export)\\b.*$", Pattern.MULTILINE);

    private final UnaryOperator<String> sources;
    private final Set<String> taken = new LinkedHashSet<>();
    private final StringBuilder script = new StringBuilder("\"use strict\";\nconst modules = {};\n");

    private ModuleBundle(UnaryOperator<String> sources) {
        this.sources = sources;
    }

    /**
     * A module with all that it imports.
     *
     * @param sources of modules, by name
     * @param entry name of the module that is run last
     * @throws IllegalStateException for an import or an export of another form than the page's modules have
     */
    static String of(UnaryOperator<String> sources, String entry) {
        ModuleBundle bundle = new ModuleBundle(sources);
        bundle.take(entry);
        return bundle.script.toString();
    }

    private void take(String name) {
        if (!taken.add(name)) {
            return;
        }
        String source = sources.apply(name);
        Matcher imports = IMPORT.matcher(source);
        while (imports.find()) {
            take(imports.group(2));
        }
        String body = imports.replaceAll(found -> found.group(1) == null
                ? ""
                : Matcher.quoteReplacement("const %s = modules[\"%s\"];".formatted(found.group(1), found.group(2))));
        List<String> exported = new ArrayList<>();
        body = EXPORT.matcher(body).replaceAll(found -> {
            exported.add(found.group(2));
            return Matcher.quoteReplacement(found.group(1));
        });
        Matcher leftOver = LEFT_OVER.matcher(body);
        if (leftOver.find()) {
            throw new IllegalStateException(name + " cannot be bundled: " + leftOver.group());
        }
        script.append("modules[\"%s\"] = (() => {\n%s\nreturn { %s };\n})();\n"
                .formatted(name, body.strip(), String.join(", ", exported)));
    }
}
