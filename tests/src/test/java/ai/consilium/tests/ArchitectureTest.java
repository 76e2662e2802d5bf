package ai.consilium.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.groupingBy;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.Service;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.Architectures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Who may depend on whom: modules, packages inside them, and what each may touch of the libraries. */
@AnalyzeClasses(
        packages = "ai.consilium",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestSupport.class})
class ArchitectureTest {
    private static final int CLASSES_PER_PACKAGE = 20;

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

    /** Arithmetic that a test can run without a broker, a clock or a thread. */
    private static final String[] PURE = {
        "ai.consilium.estimators..",
        "ai.consilium.merger.merge..",
        "ai.consilium.cases.grading..",
        "ai.consilium.random..",
        "ai.consilium.advantage.group.."
    };

    /** The module of that name holds what tests share: it is no part of the product. */
    static final class NoTestSupport implements ImportOption {
        @Override
        public boolean includes(com.tngtech.archunit.core.importer.Location location) {
            return !location.contains("/testing/") && !location.contains("testing-");
        }
    }

    @ArchTest
    static final ArchRule servicesDoNotKnowEachOther = slices().matching(
                    "ai.consilium.(rollout|reward|advantage|learner|merger|monitor)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule onlyTheCommandLineAndTheBenchmarksKnowServices = noClasses()
            .that()
            .resideOutsideOfPackages(with(SERVICES, "ai.consilium.cli..", "ai.consilium.benchmarks.."))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SERVICES);

    /** So that no service waits for it, or stops with it. */
    @ArchTest
    static final ArchRule onlyTheCommandLineKnowsTracking = noClasses()
            .that()
            .resideOutsideOfPackages("ai.consilium.tracking..", "ai.consilium.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.consilium.tracking..");

    @ArchTest
    static final ArchRule nothingKnowsTheBenchmarks = noClasses()
            .that()
            .resideOutsideOfPackage("ai.consilium.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.consilium.benchmarks..");

    @ArchTest
    static final ArchRule modulesAreFreeOfCircles =
            slices().matching("ai.consilium.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesAreFreeOfCircles =
            slices().matching("ai.consilium.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule policyIsBuiltInLayers = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("base")
            .definedBy(
                    "ai.consilium.policy",
                    "ai.consilium.policy.torch",
                    "ai.consilium.policy.format",
                    "ai.consilium.policy.image")
            .layer("config")
            .definedBy("ai.consilium.policy.config")
            .layer("input")
            .definedBy("ai.consilium.policy.compute", "ai.consilium.policy.input")
            .layer("model")
            .definedBy("ai.consilium.policy.model")
            .layer("batch")
            .definedBy("ai.consilium.policy.adapter", "ai.consilium.policy.batch")
            .layer("sampling")
            .definedBy("ai.consilium.policy.sampling")
            .layer("training")
            .definedBy("ai.consilium.policy.training")
            .whereLayer("training")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("sampling")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("batch")
            .mayOnlyBeAccessedByLayers("sampling", "training")
            .whereLayer("model")
            .mayOnlyBeAccessedByLayers("batch", "sampling", "training")
            .whereLayer("input")
            .mayOnlyBeAccessedByLayers("model", "batch", "sampling", "training");

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

    /** So that an engine in another process, or of another make, can take the local one's place. */
    @ArchTest
    static final ArchRule workersKnowNoModel = noClasses()
            .that()
            .resideInAPackage("ai.consilium.rollout.worker..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "ai.consilium.inference..",
                    "ai.consilium.policy.sampling..",
                    "ai.consilium.policy.model..",
                    "ai.consilium.policy.input..",
                    "ai.consilium.policy.compute..");

    @ArchTest
    static final ArchRule rolesDoNotCarryABroker = noClasses()
            .that()
            .resideOutsideOfPackages("ai.consilium.devcluster..", "ai.consilium.cli..", "ai.consilium.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.consilium.devcluster..", "kafka..", "org.apache.kafka.metadata..");

    @ArchTest
    static final ArchRule pureArithmeticKnowsNoStreamThreadOrClock = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..", "io.confluent..", "java.util.concurrent..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, java.time.Clock.class, java.time.Instant.class);

    @ArchTest
    static final ArchRule readersOfTheLogKnowNoService = noClasses()
            .that()
            .resideInAnyPackage("ai.consilium.runlog..", "ai.consilium.evaluation..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(with(SERVICES, "ai.consilium.cli.."));

    @ArchTest
    static final ArchRule readersOfTheLogWriteNothing = noClasses()
            .that()
            .resideInAPackage("ai.consilium.runlog..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka.clients.producer..", "ai.consilium.platform.transaction..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(DeadLetters.class, RunEvents.class);

    @ArchTest
    static final ArchRule servicesDoNotReadFinishedRuns = noClasses()
            .that()
            .resideInAnyPackage(SERVICES)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.consilium.runlog..");

    @ArchTest
    static final ArchRule noVagueNames = noClasses()
            .should()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Manager");

    @ArchTest
    static final ArchRule packagesAreSmall = classes()
            .should(hold(
                    "at most " + CLASSES_PER_PACKAGE + " classes a package",
                    JavaClass::getPackageName,
                    (name, members) -> members.size() <= CLASSES_PER_PACKAGE));

    @ArchTest
    static final ArchRule simpleNamesAreUnique = classes()
            .should(hold(
                    "one class of a simple name", JavaClass::getSimpleName, (name, members) -> members.size() == 1));

    @ArchTest
    static final ArchRule servicesImplementTheOneLifecycle = classes()
            .that()
            .resideInAnyPackage(SERVICES)
            .and()
            .haveSimpleNameEndingWith("Service")
            .should()
            .implement(Service.class);

    /** A condition on groups of hand-written top-level classes. */
    private static ArchCondition<JavaClass> hold(
            String rule,
            Function<JavaClass, String> key,
            java.util.function.BiPredicate<String, List<JavaClass>> condition) {
        return new ArchCondition<>(rule) {
            private final List<JavaClass> all = new ArrayList<>();

            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (type.isTopLevelClass()
                        && !type.getSimpleName().equals("package-info")
                        && !type.getPackageName().equals("ai.consilium.schemas")) {
                    all.add(type);
                }
            }

            @Override
            public void finish(ConditionEvents events) {
                all.stream().collect(groupingBy(key)).forEach((name, members) -> {
                    if (!condition.test(name, members)) {
                        events.add(SimpleConditionEvent.violated(
                                members.get(0), name + " has " + members.size() + ": " + names(members)));
                    }
                });
            }
        };
    }

    private static List<String> names(Collection<JavaClass> types) {
        return types.stream().map(JavaClass::getName).sorted().toList();
    }

    private static String[] with(String[] packages, String... more) {
        String[] all = Arrays.copyOf(packages, packages.length + more.length);
        System.arraycopy(more, 0, all, packages.length, more.length);
        return all;
    }
}
