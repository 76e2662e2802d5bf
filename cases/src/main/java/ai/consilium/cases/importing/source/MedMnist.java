package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Fields;
import ai.consilium.cases.importing.table.NpyArray;
import ai.consilium.cases.importing.table.NpzFile;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * MedMNIST's sets of pictures with one class each (2110.14795), in any of their sizes: the classes become options. The
 * publisher's splits are kept.
 */
record MedMnist() implements CaseSource {
    private static final String ENDING = ".npz";
    private static final Pattern FILE = Pattern.compile("([a-z0-9]+mnist(?:3d)?)(_\\d+)?\\.npz");
    private static final List<String> SPLITS = List.of("train", "val", "test");
    private static final Map<String, PictureSet> SETS = sets();

    /**
     * What is asked of a set's pictures.
     *
     * @param classes in the order of their numbers, from 0
     */
    private record PictureSet(String modality, String question, List<String> classes) {}

    private static Map<String, PictureSet> sets() {
        try (InputStream in = Objects.requireNonNull(MedMnist.class.getResourceAsStream("medmnist.yaml"))) {
            YAMLMapper yaml = new YAMLMapper();
            return yaml.readValue(
                    in, yaml.getTypeFactory().constructMapType(TreeMap.class, String.class, PictureSet.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return "medmnist";
    }

    @Override
    public String layout() {
        return "NAME.npz or NAME_SIZE.npz (" + String.join(", ", SETS.keySet()) + "); its own splits are kept";
    }

    @Override
    public String licence() {
        return "CC BY 4.0; dermamnist: CC BY-NC 4.0";
    }

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, ENDING)) {
            try (NpzFile arrays = NpzFile.open(file)) {
                read(String.valueOf(file.getFileName()), arrays, rows);
            } catch (IOException e) {
                throw new CaseException(file.getFileName() + ": cannot be read: " + e.getMessage(), e);
            }
        }
    }

    private static void read(String file, NpzFile arrays, Rows rows) throws IOException {
        Matcher name = FILE.matcher(file);
        PictureSet set = name.matches() ? SETS.get(name.group(1)) : null;
        if (set == null) {
            throw new CaseException(file + ": is none of the sets that can be read: " + String.join(", ", SETS.keySet())
                    + " (chestmnist has several answers to a picture, the sets in 3D are no pictures)");
        }
        for (String split : SPLITS) {
            try (NpyArray images = arrays.array(split + "_images");
                    NpyArray labels = arrays.array(split + "_labels")) {
                String where = file + ":" + split;
                requireShapes(where, images, labels);
                for (int number = 1; number <= images.shape().get(0); number++) {
                    byte[] pixels = images.nextBytes();
                    ObjectNode fields = JsonNodeFactory.instance.objectNode();
                    fields.put("label", labels.nextNumbers()[0]);
                    String id = name.group(1) + "-" + split + "-" + number;
                    SourceRow row = new SourceRow(where, number, number, Path.of(""), id, new Fields(fields, ""));
                    List<Integer> shape = images.shape();
                    rows.take(row, taken -> outcome(taken, set, name.group(1), split, picture(pixels, shape)));
                }
            }
        }
    }

    private static void requireShapes(String where, NpyArray images, NpyArray labels) {
        List<Integer> shape = images.shape();
        boolean grey = shape.size() == 3;
        boolean coloured = shape.size() == 4 && shape.get(3) == 3;
        if (!grey && !coloured || images.itemBytes() != 1 || shape.get(1) == 0 || shape.get(2) == 0) {
            throw new CaseException(where + ": pictures of shape " + shape + " and " + images.itemBytes()
                    + " bytes a value; expected [number, height, width] or [number, height, width, 3] of one byte");
        }
        List<Integer> classes = labels.shape();
        boolean one = classes.size() == 1 || classes.size() == 2 && classes.get(1) == 1;
        if (!one || !classes.get(0).equals(shape.get(0))) {
            throw new CaseException(
                    where + ": labels of shape " + classes + " for " + shape.get(0) + " pictures; expected one each");
        }
    }

    private static RowOutcome outcome(SourceRow row, PictureSet set, String name, String split, SourceImage picture) {
        long number = row.fields().node().path("label").asLong();
        if (number < 0 || number >= set.classes().size()) {
            throw row.fields()
                    .refuse("label", number + " is none of the " + set.classes().size() + " classes");
        }
        Map<String, String> options = new TreeMap<>();
        for (int i = 0; i < set.classes().size(); i++) {
            options.put(SourceRow.letter(i), set.classes().get(i));
        }
        Draft draft = Draft.of(
                row.key(), name, set.modality(), List.of(picture), set.question(), options, SourceRow.letter((int)
                        number));
        return new RowOutcome.Question(draft, split);
    }

    /** @param shape number, height, width, and 3 for colours */
    private static SourceImage picture(byte[] pixels, List<Integer> shape) {
        boolean grey = shape.size() == 3;
        int height = shape.get(1);
        int width = shape.get(2);
        BufferedImage image =
                new BufferedImage(width, height, grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (grey) {
                    image.getRaster().setSample(x, y, 0, pixels[at++] & 0xFF);
                } else {
                    image.setRGB(
                            x, y, (pixels[at] & 0xFF) << 16 | (pixels[at + 1] & 0xFF) << 8 | pixels[at + 2] & 0xFF);
                    at += 3;
                }
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SourceImage.Inline(bytes.toByteArray());
    }
}
