package ai.consilium.cases.check;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseLine;
import ai.consilium.cases.format.LeftOut;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A directory without the cases that have problems, and a list of them: the lines that stay are copied as they are. */
final class CleanCopy {
    private final Path from;
    private final Path to;

    CleanCopy(Path from, Path to) {
        this.from = from;
        this.to = to;
    }

    /** @return how many cases were left out */
    int write(Map<String, List<CaseLine>> lines, List<CaseFinding> problems) {
        Map<String, List<String>> reasons = problems.stream()
                .collect(Collectors.groupingBy(
                        problem -> problem.file() + ":" + problem.line(),
                        Collectors.mapping(CaseFinding::text, Collectors.toList())));
        List<LeftOut> leftOut = new ArrayList<>();
        try {
            Files.createDirectories(to);
            for (Map.Entry<String, List<CaseLine>> file : lines.entrySet()) {
                StringBuilder kept = new StringBuilder();
                for (CaseLine line : file.getValue()) {
                    List<String> why = reasons.get(file.getKey() + ":" + line.number());
                    if (why == null) {
                        kept.append(line.text()).append('\n');
                        copyImages(Objects.requireNonNull(line.read()));
                    } else {
                        leftOut.add(new LeftOut(file.getKey(), line.number(), line.id(), why));
                    }
                }
                Files.writeString(to.resolve(file.getKey()), kept);
            }
            LeftOut.write(to, leftOut);
            return leftOut.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copyImages(Case of) throws IOException {
        for (String image : of.images()) {
            Path target = to.resolve(image).normalize();
            if (!Files.exists(target)) {
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                Files.copy(from.resolve(image), target);
            }
        }
    }
}
