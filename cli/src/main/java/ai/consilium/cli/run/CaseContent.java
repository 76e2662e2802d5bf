package ai.consilium.cli.run;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.merger.report.ConflictFiles;
import ai.consilium.monitor.MonitorInputs;
import ai.consilium.monitor.samples.CaseView;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.image.ImageDecoder;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.schemas.CaseRef;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * Cases and prompts for those who look at a run: read from the case files and by the model's tokenizer when they are first asked
 * for. No weights are loaded.
 */
public final class CaseContent implements CaseView {
    private final ConsiliumConfig config;
    private final Path base;
    private final Supplier<CaseLibrary> given;
    private @Nullable CaseLibrary library;
    private @Nullable PromptEncoder encoder;

    private CaseContent(ConsiliumConfig config, Path base, Supplier<CaseLibrary> given) {
        this.config = config;
        this.base = base;
        this.given = given;
    }

    private synchronized CaseLibrary library() {
        if (library == null) {
            library = given.get();
        }
        return library;
    }

    private synchronized PromptEncoder encoder() {
        if (encoder == null) {
            PreflightChecks checks = new PreflightChecks(config);
            ModelDirectory model = checks.modelDirectory();
            encoder = new PromptEncoder(
                    model,
                    checks.prompts(model, base),
                    library(),
                    config.images().settings());
        }
        return encoder;
    }

    /**
     * What the monitor of a run is given.
     *
     * @param base directory that files named in the configuration are relative to
     * @param library of the run's cases; may throw a {@link CaseException}
     * @param runDirectory of the process
     * @param observer whether the monitor only looks
     */
    public static MonitorInputs inputs(
            ConsiliumConfig config, Path base, Supplier<CaseLibrary> library, Path runDirectory, boolean observer) {
        return new MonitorInputs(
                config.plan().lastVersion(config.rounds()),
                new CaseContent(config, base, library),
                runDirectory.resolve(ConflictFiles.JSON),
                observer);
    }

    @Override
    public Shown show(CaseRef of, Set<String> perspectives) {
        Map<String, Asked> prompts = new TreeMap<>();
        List<Image> images = new ArrayList<>();
        try {
            Case found = library().resolve(of.getFile(), of.getFileSha256(), of.getId());
            List<Path> files = library().images(of.getFile(), found);
            for (int i = 0; i < files.size(); i++) {
                images.add(new Image(found.images().get(i), sha256(files.get(i)), files.get(i)));
            }
            for (String perspective : perspectives) {
                PromptEncoder.Encoded prompt = encoder().encode(of.getFile(), found, perspective);
                prompts.put(perspective, new Asked(encoder().shown(prompt), prompt.hash()));
            }
            return new Shown(prompts, images, null);
        } catch (CaseException | ModelException | UsageException | UncheckedIOException e) {
            return new Shown(prompts, images, String.valueOf(e.getMessage()));
        }
    }

    private static String sha256(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return DigestUtils.sha256Hex(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    @Override
    public Optional<List<String>> pieces(List<Integer> tokens) {
        try {
            return Optional.of(encoder()
                    .chat()
                    .pieces(tokens.stream().mapToInt(Integer::intValue).toArray()));
        } catch (CaseException | ModelException | UsageException e) {
            // The same is told of the prompt.
            return Optional.empty();
        }
    }

    @Override
    public byte[] picture(Path file) {
        return ImageDecoder.portable(file, config.images().settings());
    }
}
