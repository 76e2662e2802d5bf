package ai.consilium.rollout.engine.vllm;

import static ai.consilium.rollout.engine.vllm.VllmRig.CHILDREN;
import static ai.consilium.rollout.engine.vllm.VllmRig.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.policy.ModelException;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a server says, nothing that is wrong comes out, and no run ends. */
@Execution(ExecutionMode.CONCURRENT)
class HostileServerIT {
    @RegisterExtension
    final VllmRig rig = new VllmRig();

    @ParameterizedTest
    @EnumSource(
            value = Lie.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "ADAPTER_IGNORED", "UNTEMPERED", "INVENTED_TOKENS"})
    void givenAServerThatLiesToGroupsWhenAnotherIsHonestThenTheSamplesAreTheHonestOnes(Lie lie) throws Exception {
        StubServer liar = rig.server();
        StubServer honest = rig.server();
        liar.liesToGroups(lie);
        Duration timeout = lie == Lie.HANGS ? Duration.ofSeconds(2) : VllmRig.TIMEOUT;
        AdapterVersion version = rig.version(CHILDREN, 0);
        try (VllmEngine engine = rig.engine(VllmRig.config(timeout, "", liar, honest), Map.of())) {
            engine.use(version);
            // So that the liar is asked at all.
            await().atMost(SOON).until(() -> !liar.loaded.isEmpty());

            List<CompletableFuture<List<Completion>>> futures = new ArrayList<>();
            await().atMost(SOON).until(() -> {
                futures.addAll(rig.begin(engine, CHILDREN, 1));
                return rig.meter(MetricNames.ROLLOUT_SERVER_FAILURES, liar) > 0;
            });

            for (CompletableFuture<List<Completion>> future : futures) {
                rig.finish(List.of(future), version);
            }
            assertThat(rig.meter(MetricNames.ROLLOUT_SERVER_TOKENS, liar)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Lie.class,
            mode = EnumSource.Mode.EXCLUDE,
            // The probe's completions have no end.
            names = {"NONE", "CUT_WITHOUT_NEED", "HANGS"})
    void givenAServerThatLiesToProbesThenItIsNamedAndGetsNoGroupUntilItIsHonest(Lie lie) throws Exception {
        StubServer server = rig.server();
        server.liesToProbes(lie);
        AdapterVersion version = rig.version(CHILDREN, 0);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(version);
            List<CompletableFuture<List<Completion>>> futures = rig.begin(engine, CHILDREN, 2);
            await().atMost(SOON).until(() -> rig.meter(MetricNames.ROLLOUT_SERVER_FAILURES, server) > 0);
            await().atMost(SOON)
                    .until(() -> engine.impediment()
                            .orElse("")
                            .matches("vLLM server " + server.url() + ": (?!connecting|waiting|loading).*"));
            assertThat(server.asked).isEmpty();

            server.liesToProbes(Lie.NONE);

            rig.finish(futures, version);
        }
    }

    @Test
    void givenLogProbabilitiesOfAnotherDistributionThenTheReasonNamesTheOption() throws Exception {
        assertThat(reasonFor(Lie.UNTEMPERED)).contains("--logprobs-mode processed_logprobs");
    }

    @Test
    void givenAnAdapterThatIsNeverAppliedThenTheReasonSaysSo() throws Exception {
        assertThat(reasonFor(Lie.ADAPTER_IGNORED)).contains("pediatrics@0-", "changes nothing");
    }

    @Test
    void givenTokensThatNobodyDrewThenTheReasonGivesTheDifference() throws Exception {
        assertThat(reasonFor(Lie.INVENTED_TOKENS)).contains("differ from this process's own by up to");
    }

    private String reasonFor(Lie lie) throws IOException {
        StubServer server = rig.server();
        server.liesToProbes(lie);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(rig.version(CHILDREN, 0));
            rig.begin(engine, CHILDREN, 1);
            await().atMost(SOON).until(() -> rig.meter(MetricNames.ROLLOUT_SERVER_FAILURES, server) > 0);
            await().atMost(SOON)
                    .until(() -> !engine.impediment().orElse("loading").matches(".*: (connecting|waiting|loading).*"));
            return engine.impediment().orElseThrow();
        } finally {
            assertThat(server.adapters())
                    .as("left on a server that failed the probe")
                    .isEmpty();
        }
    }

    @Test
    void givenPromptsThatAreAlwaysReadOtherwiseThenTheirGroupsAreRefusedByName() throws Exception {
        StubServer server = rig.server();
        server.liesToGroups(Lie.WRONG_PROMPT);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(rig.version(CHILDREN, 0));

            CompletableFuture<List<Completion>> future =
                    rig.begin(engine, CHILDREN, 1).get(0);

            assertThatThrownBy(() -> future.get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(ModelException.class)
                    .hasMessageContaining(rig.group(0).name())
                    .hasMessageContaining("id 7 instead of")
                    .hasMessageContaining("at position 3 of");
        }
    }
}
