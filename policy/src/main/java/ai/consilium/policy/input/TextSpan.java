package ai.consilium.policy.input;

/**
 * A run of text that is to be encoded.
 *
 * @param literal encoded by its characters, even where it looks like a special token
 */
public record TextSpan(String text, boolean literal) {}
