package ai.consilium.monitor.web;

import ai.consilium.platform.AccessToken;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may open the page. With a token: who has given it, in a header or by the form that leaves a cookie. Without one: requests
 * to a loopback name only, so that no web page that a name of its own leads here can read the run.
 */
public final class AccessGate {
    static final String COOKIE = "consilium-monitor";
    private static final String LOGIN = "/login";
    private static final Set<String> OPEN = Set.of(LOGIN, "/page.css");
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:]*)(:\\d+)?");
    private static final Set<String> LOOPBACK = Set.of("localhost", "[::1]");
    private static final Pattern LOOPBACK_ADDRESS = Pattern.compile("127(\\.\\d{1,3}){3}");

    private final Optional<AccessToken> token;

    public AccessGate(Optional<AccessToken> token) {
        this.token = token;
    }

    /** By the token in a file; empty asks for none. @throws ai.consilium.platform.UsageException as when it is read */
    public static AccessGate of(String tokenFile) {
        return new AccessGate(
                tokenFile.isBlank()
                        ? Optional.empty()
                        : Optional.of(AccessToken.readOrMake(Path.of(tokenFile), "monitor.token_file")));
    }

    /** Puts the gate before every route. */
    public void routes(RoutesConfig routes) {
        routes.before(context -> {
            harden(context);
            if (token.isEmpty()) {
                requireLoopback(context);
            } else if (!OPEN.contains(context.path()) && !knows(context, token.get())) {
                refuse(context);
            }
        });
        token.ifPresent(known -> {
            PageAssets.serve(routes, LOGIN, "login.html");
            routes.post(LOGIN, context -> logIn(context, known));
        });
    }

    private static void logIn(Context context, AccessToken known) {
        String given = context.formParam("token");
        if (given == null || !known.opens(given.strip())) {
            context.redirect(LOGIN + "?wrong", io.javalin.http.HttpStatus.SEE_OTHER);
            return;
        }
        Cookie cookie = new Cookie(COOKIE, known.cookie());
        cookie.setHttpOnly(true);
        cookie.setSameSite(SameSite.STRICT);
        context.cookie(cookie);
        context.redirect("/", io.javalin.http.HttpStatus.SEE_OTHER);
    }

    private static boolean knows(Context context, AccessToken known) {
        String cookie = context.cookie(COOKIE);
        return known.opensHeader(context.header("Authorization")) || cookie != null && known.isCookie(cookie);
    }

    private static void refuse(Context context) {
        if (context.path().equals("/")) {
            context.redirect(LOGIN, io.javalin.http.HttpStatus.SEE_OTHER);
        } else {
            context.status(401).result("the token is missing or wrong: log in at /login, or send it as a bearer token");
        }
        context.skipRemainingHandlers();
    }

    private static void requireLoopback(Context context) {
        String given = context.header("Host");
        Matcher host = HOST.matcher(given == null ? "" : given);
        String name = host.matches() ? host.group(1) : "";
        if (!LOOPBACK.contains(name) && !LOOPBACK_ADDRESS.matcher(name).matches()) {
            context.status(403).result("this page answers on localhost only; for other names set monitor.token_file");
            context.skipRemainingHandlers();
        }
    }

    private static void harden(Context context) {
        context.header(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                        + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
        context.header("X-Content-Type-Options", "nosniff");
        context.header("Referrer-Policy", "no-referrer");
        context.header("Cross-Origin-Resource-Policy", "same-origin");
        context.header("Cache-Control", "no-store");
    }
}
