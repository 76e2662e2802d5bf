package ai.consilium.rollout.worker;

import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/** A completion as a record. */
final class TrajectoryRecord {
    /**
     * How a group was sampled.
     *
     * @param worker instance and thread
     * @param deliveryCount how often the prompt had been delivered
     * @param sampledMs wall-clock milliseconds from its queueing to its end
     */
    record Circumstances(String worker, int deliveryCount, long sampledMs) {}

    /** The record of one sample. */
    static Trajectory of(
            Prompt prompt, int sampleIndex, String promptHash, Completion completion, Circumstances how, long nowMs) {
        int length = completion.tokens().length;
        List<Span> spans = completion.spans();
        List<Float> logprobs = new ArrayList<>(length);
        for (float logprob : completion.logprobs()) {
            logprobs.add(logprob);
        }
        return Trajectory.newBuilder()
                .setTrajectoryId(id(prompt.getGroupId(), sampleIndex, completion.tokens(), spans))
                .setGroupId(prompt.getGroupId())
                .setSpecialty(prompt.getSpecialty())
                .setSampleIndex(sampleIndex)
                .setPerspective(prompt.getMembers().get(sampleIndex))
                .setCaseRef(prompt.getCaseRef())
                .setScoringConfigHash(prompt.getScoringConfigHash())
                .setPromptHash(promptHash)
                .setTokens(Arrays.stream(completion.tokens()).boxed().toList())
                .setLogprobs(logprobs)
                .setSpans(spans)
                .setText(completion.text())
                .setFinishReason(completion.truncated() ? FinishReason.LENGTH : FinishReason.STOP)
                .setTemperature(prompt.getSampling().getTemperature())
                .setWorker(how.worker())
                .setDeliveryCount(how.deliveryCount())
                .setSampledMs(how.sampledMs())
                .setCreatedMs(nowMs)
                .setPolicy(prompt.getPolicy())
                .setPurpose(prompt.getPurpose())
                .setRound(prompt.getRound())
                .setGroupSeed(prompt.getGroupSeed())
                .build();
    }

    /** SHA-256 (hex) of group, sample index, tokens and spans; lengths stand before what varies in length. */
    static String id(String groupId, int sampleIndex, int[] tokens, List<Span> spans) {
        MessageDigest hash = DigestUtils.getSha256Digest();
        update(hash, groupId);
        ByteBuffer numbers = ByteBuffer.allocate((2 + tokens.length) * Integer.BYTES);
        numbers.putInt(sampleIndex).putInt(tokens.length).asIntBuffer().put(tokens);
        hash.update(numbers.array());
        for (Span span : spans) {
            hash.update(ByteBuffer.allocate(2 * Integer.BYTES + Long.BYTES)
                    .putInt(span.getStart())
                    .putInt(span.getEnd())
                    .putLong(span.getPolicyVersion())
                    .array());
            update(hash, span.getAdapterHash());
        }
        return HexFormat.of().formatHex(hash.digest());
    }

    private static void update(MessageDigest hash, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        hash.update(bytes);
    }

    private TrajectoryRecord() {}
}
