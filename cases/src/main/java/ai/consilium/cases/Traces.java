package ai.consilium.cases;

/** The completions that domain-specific adaptation imitates. Pure. */
public final class Traces {
    /**
     * &lt;think&gt;…&lt;/think&gt;&lt;answer&gt;…&lt;/answer&gt;&lt;|im_end|&gt; for a case under a perspective: its own trace where it has one, else a
     * template over question and answer (real cases carry none).
     */
    public static String completion(Case of, String perspective) {
        throw new UnsupportedOperationException("stub");
    }

    private Traces() {}
}
