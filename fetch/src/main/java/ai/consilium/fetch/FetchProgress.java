package ai.consilium.fetch;

/** Is told how far a source has been fetched, often. */
public interface FetchProgress {
    /** Nobody looks. */
    FetchProgress NONE = new FetchProgress() {
        @Override
        public void at(Stage stage) {
            // Nothing is shown.
        }

        @Override
        public void waiting(String source) {
            // Nor this.
        }
    };

    /**
     * How far it is.
     *
     * @param source the address
     * @param files that are here
     * @param of files that are fetched; what the cache had is not among them
     * @param bytes that have come
     * @param expected bytes of all; -1 while some of the files have not been asked for, or the server does not say
     */
    record Stage(String source, int files, int of, long bytes, long expected) {}

    /** Some bytes came, or a file is done. */
    void at(Stage stage);

    /** Another process of this host fetches the same. */
    void waiting(String source);
}
