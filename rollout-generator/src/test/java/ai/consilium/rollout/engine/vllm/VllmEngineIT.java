package ai.consilium.rollout.engine.vllm;

import static ai.consilium.rollout.engine.vllm.VllmRig.ADULTS;
import static ai.consilium.rollout.engine.vllm.VllmRig.CHILDREN;
import static ai.consilium.rollout.engine.vllm.VllmRig.SAMPLING;
import static ai.consilium.rollout.engine.vllm.VllmRig.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.policy.ModelException;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.engine.InferenceEngine.GroupText;
import ai.consilium.schemas.Sampling;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The engine against servers that sample really, and that come, go and die. */
class VllmEngineIT {
    private static final int GROUPS = 6;

    @RegisterExtension
    final VllmRig rig = new VllmRig();

    @Test
    void givenTwoServersAndTwoPoliciesWhenGroupsAreSampledThenEachIsWhatItsExpertDraws() throws Exception {
        StubServer one = rig.server();
        StubServer other = rig.server();
        Map<String, AdapterVersion> versions =
                Map.of(CHILDREN, rig.version(CHILDREN, 0), ADULTS, rig.version(ADULTS, 7));
        try (VllmEngine engine = rig.engine(one, other)) {
            versions.values().forEach(engine::use);
            Map<String, List<CompletableFuture<List<Completion>>>> futures =
                    Map.of(CHILDREN, rig.begin(engine, CHILDREN, GROUPS), ADULTS, rig.begin(engine, ADULTS, GROUPS));

            for (String policy : versions.keySet()) {
                rig.finish(Objects.requireNonNull(futures.get(policy)), Objects.requireNonNull(versions.get(policy)));
            }
            assertThat(engine.impediment()).isEmpty();
            assertThat(engine.work().tokens()).isPositive();
            assertThat(rig.meter(MetricNames.ROLLOUT_SERVER_TOKENS, one)
                            + rig.meter(MetricNames.ROLLOUT_SERVER_TOKENS, other))
                    .isEqualTo(engine.work().tokens());
            await().atMost(SOON).until(() -> rig.meter(MetricNames.ROLLOUT_SERVER_UP, one) == 1);
        }
        assertThat(one.adapters()).as("left on the server").isEmpty();
        assertThat(other.adapters()).isEmpty();
        try (Stream<Path> left = Files.list(rig.directory().resolve("adapters"))) {
            assertThat(left).as("left in the file system").isEmpty();
        }
    }

    @Test
    void givenAGroupWhenAskedForThenEveryFieldThatBearsOnSamplingIsSent() throws Exception {
        StubServer server = rig.server();
        AdapterVersion version = rig.version(CHILDREN, 3);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(version);
            rig.finish(rig.begin(engine, CHILDREN, 1), version);
        }

        assertThat(server.asked).extracting(asked -> asked.path("n").intValue()).containsExactlyInAnyOrder(1, 2);
        assertThat(server.asked)
                .extracting(asked -> asked.path("seed").longValue())
                .doesNotHaveDuplicates();
        JsonNode asked = server.asked.get(0);
        assertThat(asked.path("model").asText())
                .isEqualTo("pediatrics@3-" + version.hash().substring(0, 8));
        assertThat(asked.path("temperature").doubleValue()).isEqualTo(1);
        assertThat(asked.path("top_p").doubleValue()).isEqualTo(1);
        assertThat(asked.path("top_k").intValue()).isEqualTo(-1);
        assertThat(asked.path("min_p").doubleValue()).isZero();
        assertThat(asked.path("repetition_penalty").doubleValue()).isEqualTo(1);
        assertThat(asked.path("frequency_penalty").doubleValue()).isZero();
        assertThat(asked.path("presence_penalty").doubleValue()).isZero();
        assertThat(asked.path("max_completion_tokens").intValue()).isEqualTo(6);
        assertThat(asked.path("ignore_eos").booleanValue()).isTrue();
        assertThat(asked.path("stop_token_ids")).hasSize(1);
    }

    @Test
    void givenTemperatureZeroWhenAskedForThenEachSampleIsARequest() throws Exception {
        StubServer server = rig.server();
        AdapterVersion version = rig.version(CHILDREN, 3);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(version);
            GroupText group = rig.group(1);

            List<Completion> samples = engine.sample(CHILDREN, engine.prepare(group), new Sampling(0.0, 6))
                    .get(SOON.toSeconds(), TimeUnit.SECONDS);

            assertThat(samples.get(2).tokens()).isEqualTo(samples.get(0).tokens());
            assertThat(server.asked)
                    .hasSize(3)
                    .allMatch(asked -> asked.path("n").intValue() == 1);
        }
    }

    @Test
    void givenAServerThatDiesWhenItIsStartedAgainThenNothingIsLost() throws Exception {
        StubServer first = rig.server();
        AdapterVersion version = rig.version(CHILDREN, 0);
        try (VllmEngine engine = rig.engine(first)) {
            engine.use(version);
            List<CompletableFuture<List<Completion>>> futures = rig.begin(engine, CHILDREN, 4 * GROUPS);
            futures.get(0).get(SOON.toSeconds(), TimeUnit.SECONDS);

            first.close();
            await().atMost(SOON).until(() -> engine.impediment().orElse("").contains(first.url()));
            StubServer second = rig.server(first.port());

            rig.finish(futures, version);
            assertThat(second.loaded).containsExactly(AdapterDirectories.name(version));
        }
    }

    @Test
    void givenANewVersionWhenItIsUsedThenTheOldOneIsUnloaded() throws Exception {
        StubServer server = rig.server();
        AdapterVersion old = rig.version(CHILDREN, 0);
        AdapterVersion next = rig.version(CHILDREN, 1);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(old);
            rig.finish(rig.begin(engine, CHILDREN, 1), old);
            List<CompletableFuture<List<Completion>>> underWay = rig.begin(engine, CHILDREN, GROUPS);

            engine.use(next);

            await().atMost(SOON).until(() -> server.adapters().equals(Set.of(AdapterDirectories.name(next))));
            rig.finish(rig.begin(engine, CHILDREN, 1), next);
            rig.finish(underWay, old, next);
            assertThat(server.unloaded).containsExactly(AdapterDirectories.name(old));
        }
    }

    @Test
    void givenManyVersionsWhenTheyComeQuicklyThenNoMoreAreHeldThanThereAreSlots() throws Exception {
        StubServer server = rig.server();
        try (VllmEngine engine = rig.engine(server)) {
            for (int version = 0; version < 6; version++) {
                engine.use(rig.version(CHILDREN, version));
                engine.use(rig.version(ADULTS, version));
            }
            AdapterVersion children = rig.version(CHILDREN, 6);
            engine.use(children);

            await().atMost(SOON).until(() -> {
                assertThat(server.adapters()).hasSizeLessThanOrEqualTo(3);
                return server.adapters()
                        .equals(Set.of(
                                AdapterDirectories.name(children), AdapterDirectories.name(rig.version(ADULTS, 5))));
            });
            rig.finish(rig.begin(engine, CHILDREN, 1), children);
        }
    }

    @Test
    void givenAnAdapterThatAnotherLeftUnderTheNameThenItIsReplacedAndOthersAreLeftAlone() throws Exception {
        StubServer server = rig.server();
        AdapterVersion version = rig.version(CHILDREN, 0);
        AdapterVersion strange = rig.version(ADULTS, 9);
        Path left = rig.directory().resolve("left");
        rig.version(CHILDREN, 5).adapter().writePeft(left, "tiny", "", "");
        ServerClient client = new ServerClient(RemoteHttp.client(), URI.create(server.url()), null);
        client.load(AdapterDirectories.name(version), left);
        client.load(AdapterDirectories.name(strange), left);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(version);

            rig.finish(rig.begin(engine, CHILDREN, 1), version);
        }
        assertThat(server.adapters()).containsExactly(AdapterDirectories.name(strange));
    }

    @Test
    void givenAGroupThatIsGivenUpWhenItsServerHangsThenTheNextIsSampled() throws Exception {
        StubServer server = rig.server();
        AdapterVersion version = rig.version(CHILDREN, 0);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(version);
            server.liesToGroups(Lie.HANGS);
            CompletableFuture<List<Completion>> late =
                    rig.begin(engine, CHILDREN, 1).get(0);
            await().atMost(SOON).until(() -> !server.asked.isEmpty());

            server.liesToGroups(Lie.NONE);
            late.cancel(true);

            rig.finish(rig.begin(engine, CHILDREN, 2), version);
            assertThat(rig.meter(MetricNames.ROLLOUT_SERVER_FAILURES, server)).isZero();
        }
    }

    @Test
    void givenACompletionThatTakesLongWhenTheServerCountsItsTokensThenTheEngineGetsOn() throws Exception {
        StubServer server = rig.server();
        server.liesToGroups(Lie.HANGS);
        try (VllmEngine engine = rig.engine(server)) {
            engine.use(rig.version(CHILDREN, 0));
            rig.begin(engine, CHILDREN, 1);
            await().atMost(SOON).until(() -> !server.asked.isEmpty());
            assertThat(engine.work().tokens()).isZero();

            server.generated.set(7);

            await().atMost(SOON).until(() -> engine.work().tokens() == 7);
        }
    }

    @Test
    void givenAPolicyWithoutAdapterThenItsGroupIsRefused() throws Exception {
        try (VllmEngine engine = rig.engine(rig.server())) {
            assertThat(engine.sample(CHILDREN, engine.prepare(rig.group(0)), SAMPLING))
                    .failsWithin(SOON)
                    .withThrowableThat()
                    .withCauseInstanceOf(ModelException.class)
                    .withMessageContaining("no adapter for policy pediatrics");
        }
    }

    @Test
    void givenAKeyThenEveryRequestHasItAndOneThatIsNotSetIsRefusedByName() throws Exception {
        StubServer server = rig.server();
        VllmConfig config = VllmRig.config(VllmRig.TIMEOUT, "VLLM_KEY", server);
        AdapterVersion version = rig.version(CHILDREN, 0);
        try (VllmEngine engine = rig.engine(config, Map.of("VLLM_KEY", "s3cret\n"))) {
            engine.use(version);
            rig.finish(rig.begin(engine, CHILDREN, 1), version);
        }

        assertThat(server.authorizations).isNotEmpty().containsOnly("Bearer s3cret");
        assertThatThrownBy(() -> rig.engine(config, Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessage("rollout.vllm.api_key_env: the environment variable VLLM_KEY is not set");
    }

    @Test
    void givenAnEngineThatIsClosedThenGroupsThatAreOpenFail() throws Exception {
        StubServer server = rig.server();
        server.liesToGroups(Lie.HANGS);
        VllmEngine engine = rig.engine(server);
        engine.use(rig.version(CHILDREN, 0));
        CompletableFuture<List<Completion>> future =
                rig.begin(engine, CHILDREN, 1).get(0);

        engine.close();

        assertThat(future).failsWithin(SOON).withThrowableThat().withMessageContaining("the engine is closed");
    }
}
