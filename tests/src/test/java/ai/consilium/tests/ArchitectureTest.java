package ai.consilium.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.consilium.estimators.Estimate;
import ai.consilium.estimators.Estimator;
import ai.consilium.estimators.Observation;
import ai.consilium.estimators.Weights;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The module rules of DESIGN: who may know whom. */
@AnalyzeClasses(packages = "ai.consilium", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] SERVICES = {
        "ai.consilium.rollout..",
        "ai.consilium.reward..",
        "ai.consilium.advantage..",
        "ai.consilium.learner..",
        "ai.consilium.merger..",
        "ai.consilium.monitor.."
    };
    private static final String[] KAFKA_AND_AVRO = {
        "org.apache.kafka..", "org.apache.avro..", "io.confluent..", "ai.consilium.schemas..", "ai.consilium.platform.."
    };

    @ArchTest
    static final ArchRule servicesDoNotKnowEachOther = SlicesRuleDefinition.slices()
            .matching("ai.consilium.(rollout|reward|advantage|learner|merger|monitor)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule onlyTheCommandLineKnowsServices = noClasses()
            .that()
            .resideOutsideOfPackages(with(SERVICES, "ai.consilium.cli.."))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SERVICES);

    @ArchTest
    static final ArchRule policyKnowsNoStream = noClasses()
            .that()
            .resideInAPackage("ai.consilium.policy..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(with(KAFKA_AND_AVRO, "ai.consilium.cases.."));

    @ArchTest
    static final ArchRule casesKnowNeitherStreamNorTensors = noClasses()
            .that()
            .resideInAPackage("ai.consilium.cases..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(with(KAFKA_AND_AVRO, "ai.djl..", "ai.consilium.policy.."));

    @ArchTest
    static final ArchRule onlyThePolicyTouchesTheTensorLibrary = noClasses()
            .that()
            .resideOutsideOfPackages("ai.consilium.policy..", "ai.djl..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl..");

    @ArchTest
    static final ArchRule advantageArithmeticIsPure =
            noClasses().that(arithmetic()).should().dependOnClassesThat().resideInAnyPackage(KAFKA_AND_AVRO);

    @ArchTest
    static final ArchRule noVagueNames = noClasses()
            .should()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Manager");

    @ArchTest
    static final ArchRule servicesImplementTheOneLifecycle = classes()
            .that()
            .resideInAnyPackage(SERVICES)
            .and()
            .haveSimpleNameEndingWith("Service")
            .should()
            .implement(ai.consilium.platform.service.Service.class);

    private static DescribedPredicate<JavaClass> arithmetic() {
        return DescribedPredicate.describe(
                "are the advantage arithmetic",
                c -> c.isAssignableTo(Estimator.class)
                        || c.isEquivalentTo(Estimate.class)
                        || c.isEquivalentTo(Observation.class)
                        || c.isEquivalentTo(Weights.class));
    }

    private static String[] with(String[] packages, String... more) {
        String[] all = java.util.Arrays.copyOf(packages, packages.length + more.length);
        System.arraycopy(more, 0, all, packages.length, more.length);
        return all;
    }
}
