package ai.consilium.cases.importing.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A list of texts as Python prints it, for example {@code ['chest film', "Crohn's disease"]}. */
public final class PythonList {
    private final String text;
    private int at;

    private PythonList(String text) {
        this.text = text;
    }

    /** Its items; empty where the text is no such list. */
    public static Optional<List<String>> parse(String text) {
        PythonList list = new PythonList(text.strip());
        try {
            return Optional.of(list.items());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private List<String> items() {
        List<String> items = new ArrayList<>();
        expect('[');
        while (peek() != ']') {
            items.add(item());
            if (peek() != ']') {
                expect(',');
            }
        }
        expect(']');
        if (at != text.length()) {
            throw new IllegalArgumentException("text behind the list");
        }
        return items;
    }

    /** The next character that is no white space. */
    private char peek() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            throw new IllegalArgumentException("ends too early");
        }
        return text.charAt(at);
    }

    private void expect(char symbol) {
        if (peek() != symbol) {
            throw new IllegalArgumentException("no " + symbol);
        }
        at++;
    }

    private String item() {
        char quote = peek();
        if (quote != '\'' && quote != '"') {
            throw new IllegalArgumentException("no text");
        }
        StringBuilder item = new StringBuilder();
        for (at++; next() != quote; at++) {
            item.append(text.charAt(at) == '\\' ? escaped() : String.valueOf(text.charAt(at)));
        }
        at++;
        return item.toString();
    }

    private char next() {
        if (at >= text.length()) {
            throw new IllegalArgumentException("a text is not closed");
        }
        return text.charAt(at);
    }

    private String escaped() {
        at++;
        char symbol = next();
        return switch (symbol) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case '\\', '\'', '"' -> String.valueOf(symbol);
            case 'x' -> code(2);
            case 'u' -> code(4);
            case 'U' -> code(8);
            // Python keeps the backslash of what is no escape.
            default -> "\\" + symbol;
        };
    }

    private String code(int digits) {
        if (at + digits >= text.length()) {
            throw new IllegalArgumentException("an escape ends too early");
        }
        int symbol = Integer.parseInt(text.substring(at + 1, at + 1 + digits), 16);
        at += digits;
        return Character.toString(symbol);
    }
}
