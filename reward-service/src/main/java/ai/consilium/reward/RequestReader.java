package ai.consilium.reward;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.reward.decision.UnscorableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Trajectory;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a record asks to be scored. */
final class RequestReader {
    private final CaseLibrary cases;

    RequestReader(CaseLibrary cases) {
        this.cases = cases;
    }

    /**
     * The trajectory of a record; empty where nobody waits for scores: of a tombstone, or for distillation.
     *
     * @throws UnscorableException when it is none that can be scored
     */
    static Optional<Trajectory> trajectory(ConsumerRecord<String, Decoded<Trajectory>> record)
            throws UnscorableException {
        Decoded<Trajectory> decoded = record.value();
        if (decoded == null) {
            return Optional.empty();
        }
        if (decoded.problem() != null) {
            throw new UnscorableException(decoded.problem());
        }
        Trajectory trajectory = decoded.value();
        if (trajectory != null && !trajectory.getGroupId().equals(record.key())) {
            throw new UnscorableException(
                    "key '" + record.key() + "' is not the group id '" + trajectory.getGroupId() + "'");
        }
        String problem = trajectory == null ? null : Purpose.problem(trajectory.getPurpose());
        if (problem != null) {
            throw new UnscorableException(problem);
        }
        return Optional.ofNullable(trajectory).filter(one -> !one.getPurpose().equals(Purpose.DISTILL));
    }

    /**
     * What scorers are shown of a trajectory.
     *
     * @throws UnscorableException when its case cannot be found
     * @throws UsageException when the run's case file is another one here
     */
    ScoringRequest request(Trajectory trajectory) throws UnscorableException {
        Case about = resolve(trajectory.getCaseRef());
        return new ScoringRequest(
                trajectory.getTrajectoryId(),
                about,
                trajectory.getText(),
                trajectory.getPerspective(),
                trajectory.getFinishReason() == FinishReason.LENGTH,
                trajectory.getGroupSeed(),
                () -> cases.images(trajectory.getCaseRef().getFile(), about));
    }

    /** Other case files than the run's are this host's fault, and would make every trajectory a dead letter. */
    private Case resolve(CaseRef ref) throws UnscorableException {
        try {
            return cases.resolve(ref.getFile(), ref.getFileSha256(), ref.getId());
        } catch (CaseFileMismatchException here) {
            throw new UsageException("data_root: " + here.getMessage(), here);
        } catch (CaseException unusable) {
            throw new UnscorableException(String.valueOf(unusable.getMessage()), unusable);
        }
    }
}
