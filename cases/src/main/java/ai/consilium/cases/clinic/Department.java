package ai.consilium.cases.clinic;

import java.util.List;
import java.util.Random;

/** One specialty of the simulated clinic: who comes, what is asked, and by which published rule it is answered. */
public sealed interface Department permits AdultMedicine, Pediatrics, BrainSenses, OncologySurgery {
    /** Every department, in the order of the specialties. */
    List<Department> ALL = List.of(new AdultMedicine(), new Pediatrics(), new BrainSenses(), new OncologySurgery());

    String specialty();

    String modality();

    String question();

    /** Name of the published rule. */
    String rule();

    /** Option texts, mildest first. */
    List<String> options();

    /** The option that a Bayesian trace starts from. */
    String usual();

    /** An image alone, its findings independent of each other and of any rule. */
    Scene scene(Random random);

    /** A patient, before labels are balanced. */
    Patient patient(Random random, double difficulty);
}
