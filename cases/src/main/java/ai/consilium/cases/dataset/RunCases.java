package ai.consilium.cases.dataset;

import java.util.Map;
import java.util.Optional;

/** Which case files a run has: of the training cases one edition after another, each with more lines than the one before. */
public interface RunCases {
    /** Of a run of which nothing is known: what its records name is taken for its own, and it draws on whole files. */
    RunCases UNKNOWN = new RunCases() {
        @Override
        public Optional<String> instead(String file, String sha256) {
            return Optional.empty();
        }

        @Override
        public Optional<String> training(int round) {
            return Optional.empty();
        }
    };

    /** Of a run whose files stay as they are. @param sha256ByFile all of them */
    static RunCases of(Map<String, String> sha256ByFile) {
        return new RunCases() {
            @Override
            public Optional<String> instead(String file, String sha256) {
                String own = sha256ByFile.getOrDefault(file, "no such file");
                return own.equals(sha256) ? Optional.empty() : Optional.of(own);
            }

            @Override
            public Optional<String> training(int round) {
                return Optional.ofNullable(sha256ByFile.get(CaseLibrary.TRAINING_FILE));
            }
        };
    }

    /** What a run has in place of a file that a record names and is none of its own, for people; empty where the file is one. */
    Optional<String> instead(String file, String sha256);

    /** SHA-256 (hex) of the training cases that a round draws on; empty where it is all of the file, as it is read first. */
    Optional<String> training(int round);

    /** What is known of an edition of the training cases, for people: "150 cases since round 3"; empty where nothing is. */
    default String told(String sha256) {
        return "";
    }
}
