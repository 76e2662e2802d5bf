package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case;
import java.awt.image.BufferedImage;

/** A case of the simulated clinic with its image. @param image 32 × 32 RGB */
public record SimulatedCase(Case of, BufferedImage image) {}
