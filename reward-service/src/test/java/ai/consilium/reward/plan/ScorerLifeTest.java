package ai.consilium.reward.plan;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.definition;
import static ai.consilium.reward.ScoringExamples.rubric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.platform.UsageException;
import ai.consilium.reward.plan.ScorerLife.Change;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScorerLifeTest {
    private static final ScoringDefinition BEGUN = definition(
            config(check("accuracy"), rubric("analytical", "shipped:analytical"), check("format")), Path.of(""));

    private static ScorerLife begun() {
        return new ScorerLife(BEGUN, List.of());
    }

    private static ScorerDefinition bayesian() {
        return definition(config(rubric("bayesian", "shipped:bayesian")), Path.of(""))
                .scorers()
                .get(0);
    }

    /** Another version of a scorer of the run, as a file that changed offers it. */
    private static ScorerDefinition offered(String name, String shipped) {
        ScorerDefinition read =
                definition(config(rubric(name, shipped)), Path.of("")).scorers().get(0);
        return read.as(ScorerLife.offered(name, read.version()), false);
    }

    private static ScorerLife after(ScorerLife before, Change change) {
        return new ScorerLife(change.to(), List.of(before.inForce()));
    }

    @Test
    void givenAShadowWhenPromotedThenItCountsAndEverythingElseIsAsBefore() {
        ScorerLife shadowed = after(begun(), begun().add(bayesian()));

        Change change = shadowed.promote("bayesian");

        assertThat(change.to().scorers())
                .extracting(ScorerDefinition::name, ScorerDefinition::state)
                .containsExactly(
                        tuple("accuracy", ScorerState.ACTIVE),
                        tuple("analytical", ScorerState.ACTIVE),
                        tuple("format", ScorerState.ACTIVE),
                        tuple("bayesian", ScorerState.ACTIVE));
        assertThat(change.to().config().getEstimator()).isEqualTo(BEGUN.config().getEstimator());
        assertThat(change.to().scorers().get(3).version())
                .isEqualTo(shadowed.inForce().scorers().get(3).version());
        assertThat(after(shadowed, change).demote("bayesian").to().hash())
                .isEqualTo(shadowed.inForce().hash());
    }

    @Test
    void givenAnOfferedVersionWhenPromotedByEitherNameThenItTakesThePlaceOfTheOneBeforeWhichCanComeBack() {
        ScorerDefinition version = offered("analytical", "shipped:intuitive");
        ScorerLife offering = after(begun(), begun().add(version));

        Change change = offering.promote("analytical");

        assertThat(offering.promote(version.name()).to().hash())
                .isEqualTo(change.to().hash());
        assertThat(change.told()).isEqualTo(version.name() + " is active as analytical");
        assertThat(change.to().scorers())
                .extracting(ScorerDefinition::name, ScorerDefinition::version)
                .contains(tuple("analytical", version.version()))
                .hasSize(3);
        ScorerLife promoted = new ScorerLife(change.to(), List.of(offering.inForce(), BEGUN));
        String before = ScorerLife.offered("analytical", BEGUN.scorers().get(1).version());
        assertThat(promoted.promote(before).to().hash()).isEqualTo(BEGUN.hash());
        assertThat(promoted.retired()).isEmpty();
    }

    @Test
    void givenARetiredScorerWhenPromotedThenItComesBack() {
        ScorerLife retired = after(begun(), begun().retire("analytical"));

        assertThat(retired.inForce().scorers())
                .extracting(ScorerDefinition::name)
                .containsExactly("accuracy", "format");
        assertThat(retired.retired()).extracting(ScorerDefinition::name).containsExactly("analytical");
        assertThat(retired.promote("analytical").to().scorers()).hasSize(3);
    }

    @Test
    void givenWhatCannotBeMeantThenItIsRefusedByName() {
        assertThatThrownBy(() -> begun().promote("tone"))
                .isInstanceOf(UsageException.class)
                .hasMessage("'tone' is no scorer of this run; there are accuracy, analytical, format");
        assertThatThrownBy(() -> begun().promote("format")).hasMessage("'format' is active already");
        ScorerLife shadowed = after(begun(), begun().demote("analytical"));
        assertThatThrownBy(() -> shadowed.demote("analytical")).hasMessage("'analytical' is a shadow already");
        assertThatThrownBy(() -> begun().add(BEGUN.scorers().get(0)))
                .hasMessage("'accuracy' is there already: choose another name");

        ScorerLife last = new ScorerLife(shadowed.retire("accuracy").to(), List.of());
        assertThatThrownBy(() -> last.demote("format"))
                .hasMessage("'format' cannot be changed: no scorer of it is active: no group would have an advantage");
        assertThatThrownBy(() -> last.retire("format")).isInstanceOf(UsageException.class);

        ScorerLife first = after(begun(), begun().add(offered("analytical", "shipped:intuitive")));
        ScorerLife two = after(first, first.add(offered("analytical", "shipped:bayesian")));
        assertThatThrownBy(() -> two.promote("analytical"))
                .hasMessageMatching("'analytical' has several offered versions: analytical@\\w{8}, analytical@\\w{8}");
    }

    @Test
    void givenAFileThenAScorerIsNamedAfterIt() {
        assertThat(ScorerLife.named("rubrics/Sepsis bundle.v2.yaml")).isEqualTo("sepsis-bundle-v2");
        assertThat(ScorerLife.named("shipped:held-out/analytical")).isEqualTo("analytical");
        assertThat(ScorerLife.named("123.yaml")).isEqualTo("rubric");
    }
}
