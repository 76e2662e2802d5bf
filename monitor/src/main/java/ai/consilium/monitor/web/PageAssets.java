package ai.consilium.monitor.web;

import io.javalin.config.RoutesConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
            "overlay.js",
            "stream.js",
            "dom.js",
            "figures.js",
            "flow.js",
            "charts.js",
            "panels.js",
            "merge.js",
            "events.js",
            "samples.js",
            "sample.js",
            "completion.js",
            "uplot/uPlot.iife.min.js",
            "uplot/uPlot.min.css",
            "uplot/LICENSE.txt");

    private PageAssets() {}

    /** Adds them to a server. */
    public static void routes(RoutesConfig routes) {
        routes(routes, "index.html");
    }

    /** Adds them to a server of the page of several runs. */
    public static void overlay(RoutesConfig routes) {
        routes(routes, "overlay.html");
    }

    private static void routes(RoutesConfig routes, String page) {
        serve(routes, "/", page);
        FILES.forEach(name -> serve(routes, "/" + name, name));
    }

    /** One of the page's files as text, for pages that contain it. */
    public static String text(String name) {
        return new String(read(name), StandardCharsets.UTF_8);
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
