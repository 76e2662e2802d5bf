package ai.consilium.learner.rl;

import ai.consilium.policy.config.Precision;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what sampler and learner make of the same tokens with the same weights, and warns, once, when it is more than
 * rounding: the engine samples something else, or with other weights, than it says. The importance weights correct for it,
 * so that training goes on. One thread.
 */
public final class EngineMismatch {
    private static final Logger LOG = LoggerFactory.getLogger(EngineMismatch.class);
    private static final String MEAN = "on_policy/mean_dlogp";

    private final String specialty;
    private final Precision precision;
    private boolean warned;

    public EngineMismatch(String specialty, Precision precision) {
        this.specialty = specialty;
        this.precision = precision;
    }

    /**
     * Looks at a step.
     *
     * @param version that it made
     * @param figures of {@link ai.consilium.policy.training.Trainer#policyStep}
     * @return whether it warned
     */
    public boolean look(long version, Map<String, Double> figures) {
        double mean = figures.getOrDefault(MEAN, 0.0);
        if (warned || mean <= precision.logprobTolerance()) {
            return false;
        }
        warned = true;
        LOG.atWarn()
                .addKeyValue("specialty", specialty)
                .addKeyValue("version", version - 1)
                .addKeyValue("mean_dlogp", mean)
                .addKeyValue("tolerance", precision.logprobTolerance())
                .log(
                        "log-probabilities of sampler and learner differ by more than rounding in {} explains; 'consilium steps' "
                                + "has the figures",
                        precision.label());
        return true;
    }
}
