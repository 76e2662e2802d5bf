package ai.consilium.rollout.engine.vllm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.vllm.LoadedAdapters.Held;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LoadedAdaptersTest {
    private final LoadedAdapters adapters = new LoadedAdapters(3);

    @Test
    void givenVersionsOfOnePolicyWhenOneIsLoadedThenItIsTheNewestAndAPolicyWithoutAnyComesFirst() {
        load(version("a", 0));
        adapters.want(version("a", 1));
        adapters.want(version("a", 2));
        adapters.want(version("b", 0));

        assertThat(adapters.next()).contains(version("b", 0));
        load(version("b", 0));
        assertThat(adapters.next()).contains(version("a", 2));
        load(version("a", 2));
        assertThat(adapters.next()).isEmpty();
    }

    @Test
    void givenARequestUnderWayWhenItsVersionIsSupersededThenItIsUnloadedOnlyAfterIt() {
        load(version("a", 0));
        Held used = adapters.lease("a").orElseThrow();
        load(version("a", 1));

        assertThat(adapters.drained()).isEmpty();
        assertThat(adapters.lease("a").orElseThrow().version().version()).isEqualTo(1);

        adapters.release(used);
        assertThat(adapters.drained()).contains(used);
    }

    @Test
    void givenNoFreeSlotThenNothingIsLoadedUntilOneIsFree() {
        load(version("a", 0));
        Held used = adapters.lease("a").orElseThrow();
        load(version("b", 0));
        load(version("a", 1));
        adapters.want(version("b", 1));

        assertThat(adapters.next()).isEmpty();

        adapters.release(used);
        adapters.remove(adapters.drained().orElseThrow());
        assertThat(adapters.next()).contains(version("b", 1));
    }

    @Test
    void givenAServerThatIsNotTrustedWhenItIsAgainThenEveryVersionIsLoadedAnew() {
        load(version("a", 0));
        Held used = adapters.lease("a").orElseThrow();
        adapters.retireAll();

        assertThat(adapters.ready("a")).isFalse();
        assertThat(adapters.next()).contains(version("a", 0));
        load(version("a", 0));
        adapters.release(used);

        Held old = adapters.drained().orElseThrow();
        assertThat(old).isSameAs(used);
        assertThat(adapters.last(old)).as("may be unloaded by its name").isFalse();
    }

    @Test
    void givenADroppedPolicyThenItsAdapterIsUnloadedAfterItsRequestsAlsoWhenItWasBeingLoaded() {
        load(version("a", 0));
        Held used = adapters.lease("a").orElseThrow();
        adapters.want(version("b", 0));
        Held loading = adapters.begin(version("b", 0));
        adapters.drop("a");
        adapters.drop("b");
        adapters.ready(loading);

        assertThat(adapters.next()).isEmpty();
        assertThat(adapters.lease("a")).isEmpty();
        assertThat(adapters.drained()).contains(loading);
        adapters.remove(loading);
        assertThat(adapters.drained()).isEmpty();
        adapters.release(used);
        assertThat(adapters.drained()).contains(used);
    }

    private void load(AdapterVersion version) {
        adapters.want(version);
        adapters.ready(adapters.begin(version));
    }

    private static AdapterVersion version(String policy, long version) {
        return new AdapterVersion(policy, version, "hash", new Adapter(1, 1, List.of(), new TreeMap<>()));
    }
}
