package ai.consilium.cases.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.importing.source.CaseSources;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Imports of files of columns: numpy's and Parquet. The files of the resources were written by numpy and pyarrow. */
@SuppressWarnings("NullAway.Init") // JUnit fills the field
class TableImportTest {
    @TempDir
    Path directory;

    private static Path shipped(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(TableImportTest.class.getResource("/importing/" + name))
                .toURI());
    }

    private ImportReport run(String name, Path from, @Nullable String specialty, boolean skipBad) {
        return CaseImport.run(
                CaseSources.named(name),
                from,
                directory.resolve("out"),
                new CaseImport.Settings(Specialties.of(null, specialty), new SplitShares(1, 0, 0), name, skipBad));
    }

    private List<Case> cases(String file) {
        return CaseFile.read(directory.resolve("out").resolve(file)).cases();
    }

    private byte[] picture(Case of) throws IOException {
        return Files.readAllBytes(directory.resolve("out").resolve(of.images().get(0)));
    }

    @Test
    void givenNumpysArraysWhenImportedThenPicturesClassesAndThePublishersSplitsAreKept() throws Exception {
        ImportReport report = run("medmnist", shipped("medmnist/breastmnist.npz"), null, false);

        // The second picture of the training split is also the one of the test split.
        assertThat(report.leftOut()).isEqualTo(Map.of("is also in test.jsonl of the source", 1));
        assertThat(cases("train.jsonl"))
                .extracting(Case::id, Case::answer, Case::specialty, Case::modality)
                .containsExactly(
                        tuple("medmnist-breastmnist-train-1", "malignant", "breastmnist", "breast ultrasound"),
                        tuple("medmnist-breastmnist-train-3", "normal, benign", "breastmnist", "breast ultrasound"));
        assertThat(cases("val.jsonl")).extracting(Case::id).containsExactly("medmnist-breastmnist-val-1");
        assertThat(cases("test.jsonl")).extracting(Case::id).containsExactly("medmnist-breastmnist-test-1");
        var image = ImageIO.read(
                new ByteArrayInputStream(picture(cases("train.jsonl").get(0))));
        assertThat(image.getWidth()).isEqualTo(4);
        assertThat(image.getHeight()).isEqualTo(3);
        // Rows of 0 to 3, 10 to 13, 20 to 23.
        assertThat(image.getRaster().getSample(1, 2, 0)).isEqualTo(21);
    }

    @Test
    void givenColouredPicturesAndLabelsOfEightBytesWhenImportedThenTheyAreRead() throws Exception {
        Path file = npz(
                "bloodmnist_64.npz",
                Map.of(
                        "train_images", npy("|u1", "(1, 1, 2, 3)", 255, 0, 0, 0, 0, 9),
                        "train_labels", npy("<i8", "(1, 1)", 7, 0, 0, 0, 0, 0, 0, 0),
                        "val_images", npy("|u1", "(0, 1, 2, 3)"),
                        "val_labels", npy("<i8", "(0, 1)"),
                        "test_images", npy("|u1", "(0, 1, 2, 3)"),
                        "test_labels", npy(">i4", "(0,)")));

        run("medmnist", file, "haematology", false);

        assertThat(cases("train.jsonl")).singleElement().satisfies(each -> {
            assertThat(each.answer()).isEqualTo("platelet");
            assertThat(each.specialty()).isEqualTo("haematology");
            var image = ImageIO.read(new ByteArrayInputStream(picture(each)));
            assertThat(image.getRGB(0, 0)).isEqualTo(0xFFFF0000);
            assertThat(image.getRGB(1, 0)).isEqualTo(0xFF000009);
        });
    }

    static Stream<Arguments> malformedArrays() {
        byte[] pixels = npy("|u1", "(1, 1, 1)", 5);
        byte[] labels = npy("|u1", "(1, 1)", 1);
        return Stream.of(
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        "text".getBytes(StandardCharsets.UTF_8),
                        "breastmnist.npz:train_images: is no array of numpy's"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        Arrays.copyOf(pixels, 20),
                        "breastmnist.npz:train_images: ends within its header"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("|u1", "(2, 1, 1)", 5),
                        "breastmnist.npz:train: labels of shape [1, 1] for 2 pictures; expected one each"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("|u1", "(1, 1, 2)", 5),
                        "breastmnist.npz:train_images:1: ends here, of 1 rows"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("<f4", "(1, 1, 1)", 0, 0, 0, 0),
                        "breastmnist.npz:train_images: holds items of type f4, not whole numbers"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("|O", "(1, 1, 1)", 0),
                        "breastmnist.npz:train_images: has a header without type"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("|u1", "(1, 99999999999, 1)", 0),
                        "breastmnist.npz:train_images: has a length of 99999999999"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("|u1", "(1, 999999, 999999)", 0),
                        "breastmnist.npz:train_images: has rows of more than"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("|u1", "(1, 1, 1, 1)", 5),
                        "breastmnist.npz:train: pictures of shape [1, 1, 1, 1]"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_images",
                        npy("|u1", "()", 5),
                        "breastmnist.npz:train_images: is a single number"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_labels",
                        npy("|u1", "(1, 14)", new int[14]),
                        "breastmnist.npz:train: labels of shape [1, 14] for 1 pictures"),
                Arguments.of(
                        "breastmnist.npz",
                        "train_labels",
                        npy("|u1", "(1, 1)", 2),
                        "breastmnist.npz:train:1: label: 2 is none of the 2 classes"),
                Arguments.of("breastmnist.npz", "test_labels", null, "breastmnist.npz: holds no array 'test_labels'"),
                Arguments.of(
                        "chestmnist.npz",
                        "train_labels",
                        labels,
                        "chestmnist.npz: is none of the sets that can be read: bloodmnist"));
    }

    @ParameterizedTest
    @MethodSource("malformedArrays")
    void givenAMalformedArrayWhenImportedThenFileArrayAndRowAreNamed(
            String file, String array, byte @Nullable [] content, String problem) throws IOException {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        for (String split : List.of("train", "val", "test")) {
            arrays.put(split + "_images", npy("|u1", "(1, 1, 1)", split.length()));
            arrays.put(split + "_labels", npy("|u1", "(1, 1)", 1));
        }
        if (content == null) {
            arrays.remove(array);
        } else {
            arrays.put(array, content);
        }
        Path source = npz(file, arrays);

        assertThatThrownBy(() -> run("medmnist", source, null, false))
                .isInstanceOf(CaseException.class)
                .hasMessageStartingWith(problem);
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void givenAFileThatIsNoArchiveWhenImportedThenItIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("breastmnist.npz"), "PK but no more");
        assertThatThrownBy(() -> run("medmnist", file, null, false))
                .isInstanceOf(CaseException.class)
                .hasMessageStartingWith("breastmnist.npz: is no npz file, or is cut off: ");
    }

    @Test
    void givenParquetOfMmmuWhenImportedThenOnlyMedicalQuestionsWithPublishedAnswersAreKept() throws Exception {
        ImportReport report = run("mmmu-med", shipped("mmmu-med"), null, false);

        assertThat(report.rows()).isEqualTo(4);
        assertThat(report.leftOut()).isEqualTo(Map.of("open question (no options)", 1, "no answer is published", 1));
        assertThat(cases("train.jsonl"))
                .extracting(Case::id, Case::specialty, Case::answer, Case::modality)
                .containsExactly(
                        tuple(
                                "mmmu-med-validation_Clinical_Medicine_1",
                                "clinical_medicine",
                                "Crohn's disease",
                                "Body Scans: MRI, CT scans, and X-rays"),
                        tuple("mmmu-med-validation_Clinical_Medicine_2", "clinical_medicine", "<image 2>", "Tables"));
        assertThat(cases("train.jsonl").get(1).images()).hasSize(2);
        assertThat(cases("train.jsonl").get(0).question()).isEqualTo("What does <image 1> show?\nChoose.");
        assertThat(picture(cases("train.jsonl").get(0))).startsWith(0x89, 'P', 'N', 'G');
    }

    @Test
    void givenParquetOfHuggingFaceWhenImportedThenYesNoQuestionsAreReadFromItToo() throws Exception {
        ImportReport report = run("vqa-rad", shipped("vqa-rad-hf"), "radiology", false);

        assertThat(cases("train.jsonl")).extracting(Case::answer).containsExactly("no");
        assertThat(report.pictures()).isOne();
        assertThat(report.leftOut()).hasSize(1);
    }

    @Test
    void givenADamagedParquetFileWhenImportedThenFileAndRowAreNamed() throws Exception {
        byte[] whole = Files.readAllBytes(shipped("vqa-rad-hf/train-00000-of-00001.parquet"));
        Path half = directory.resolve("half.parquet");
        Files.write(half, Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> run("vqa-rad", half, "radiology", false))
                .isInstanceOf(CaseException.class)
                .hasMessageStartingWith("half.parquet:1: is no Parquet file, or a damaged one: ");

        // The first page's header and what follows it.
        Arrays.fill(whole, 4, 40, (byte) 0x7F);
        Path damaged = Files.write(directory.resolve("damaged.parquet"), whole);
        assertThatThrownBy(() -> run("vqa-rad", damaged, "radiology", false))
                .isInstanceOf(CaseException.class)
                .hasMessageStartingWith("damaged.parquet:1: is no Parquet file, or a damaged one: ");

        Path text = Files.writeString(directory.resolve("text.parquet"), "id,question\n");
        assertThatThrownBy(() -> run("mmmu-med", text, "radiology", false))
                .isInstanceOf(CaseException.class)
                .hasMessageStartingWith("text.parquet:1: is no Parquet file, or a damaged one: ");
    }

    @Test
    void givenAMalformedRowOfMmmuWhenImportedThenFileRowAndFieldAreNamed() throws IOException {
        Path file = directory.resolve("rows.jsonl");
        String row = "{\"id\":\"dev_Pharmacy_1\",\"question\":\"Q?\",\"options\":\"['a', 'b']\",\"answer\":\"A\"}\n";
        Files.writeString(file, row + row.replace("Pharmacy_1", "Pharmacy_2").replace("['a', 'b']", "['a', b]"));
        assertThatThrownBy(() -> run("mmmu-med", file, null, false))
                .hasMessageStartingWith("rows.jsonl:2: options: is no list as Python prints it, such as ['a', 'b']");

        Files.writeString(file, row.replace("\"A\"", "\"E\""));
        assertThatThrownBy(() -> run("mmmu-med", file, null, false))
                .hasMessageStartingWith("rows.jsonl:1: answer: 'E' is neither the letter nor the text of an option");

        Files.writeString(file, row.replace("dev_Pharmacy_1", "17"));
        assertThatThrownBy(() -> run("mmmu-med", file, null, false))
                .hasMessageStartingWith("rows.jsonl:1: id: '17' is not SPLIT_SUBJECT_NUMBER");

        Files.writeString(file, row.replace("Pharmacy", "Accounting"));
        assertThat(run("mmmu-med", file, null, false).leftOut()).containsEntry("subject that is not medical", 1);
    }

    private Path npz(String name, Map<String, byte[]> arrays) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
                zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
                zip.write(array.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }

    /** An array in numpy's format, version 1. @param data its bytes */
    private static byte[] npy(String type, String shape, int... data) {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0});
        out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        for (int each : data) {
            out.write(each);
        }
        return out.toByteArray();
    }
}
