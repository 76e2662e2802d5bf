package ai.consilium.estimators;

import java.util.List;
import java.util.Map;

/**
 * Advantages of a group.
 *
 * @param members in the order of the observations
 * @param signal which components contribute to any member's advantage
 */
public record Estimate(List<Member> members, RewardSignal signal) {

    /**
     * One member's advantage.
     *
     * @param advantage the advantage
     * @param parts raw scores ({@code accuracy}, {@code format}, {@code guideline}) and terms ({@code z_a}, {@code z_f},
     *     {@code z_g}, ...) in a fixed order; what was not observed is absent
     */
    public record Member(double advantage, Map<String, Double> parts) {}

    /** Copies the list. */
    public Estimate {
        members = List.copyOf(members);
    }

    /** Sum of the advantages in member order: about 0 unless a cap acted or parts are missing. */
    public double residual() {
        double sum = 0;
        for (Member member : members) {
            sum += member.advantage();
        }
        return sum;
    }
}
