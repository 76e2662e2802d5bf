package ai.consilium.cli.rescore;

import ai.consilium.cases.format.Printable;

/** Text of cases, completions and scorers inside a page: it stays text, whatever it contains. */
final class HtmlText {
    private HtmlText() {}

    /** For element content and quoted attributes; what would move a cursor or turn a line round is shown as its escape. */
    static String escaped(String text) {
        return Printable.shown(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
