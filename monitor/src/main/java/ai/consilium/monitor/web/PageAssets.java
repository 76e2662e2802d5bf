package ai.consilium.monitor.web;

import io.javalin.config.RoutesConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** The files of the page, each under its own name: there is no other way to a file. */
public final class PageAssets {
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "txt", "text/plain; charset=utf-8");
    private static final List<String> FILES = List.of(
            "page.css",
            "samples.css",
            "page.js",
            "dom.js",
            "figures.js",
            "flow.js",
            "charts.js",
            "panels.js",
            "merge.js",
            "events.js",
            "samples.js",
            "sample.js",
            "uplot/uPlot.iife.min.js",
            "uplot/uPlot.min.css",
            "uplot/LICENSE.txt");

    private PageAssets() {}

    /** Adds them to a server. */
    public static void routes(RoutesConfig routes) {
        serve(routes, "/", "index.html");
        FILES.forEach(name -> serve(routes, "/" + name, name));
    }

    static void serve(RoutesConfig routes, String path, String name) {
        byte[] bytes = read(name);
        String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
        routes.get(path, context -> context.contentType(type).result(bytes));
    }

    private static byte[] read(String name) {
        try (InputStream in = PageAssets.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("resource page/" + name + " is missing");
            }
            return in.readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
