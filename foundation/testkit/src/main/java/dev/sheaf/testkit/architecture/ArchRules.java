package dev.sheaf.testkit.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * What may depend on what, as rules over class files. Each rule holds for any set of Sheaf's
 * classes, so the same constants serve one module and the whole system.
 */
public final class ArchRules {

  /** Frameworks wire the services up; what the services do is written without them. */
  public static final ArchRule FRAMEWORKS_ONLY_IN_SERVER =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sheaf..server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.quarkus..", "jakarta..", "io.smallrye..", "io.vertx..")
          .because("only wiring knows the framework: move the class to a ..server.. package")
          .allowEmptyShould(true);

  /** The object store is a port; S3 is one adapter of it. */
  public static final ArchRule MINIO_ONLY_IN_S3_ADAPTER =
      onlyIn("io.minio..", "dev.sheaf.objectstore.s3..");

  /** Coordination is a port; etcd is one adapter of it. */
  public static final ArchRule ETCD_ONLY_IN_ITS_ADAPTER =
      onlyIn("io.etcd..", "dev.sheaf.coordination.etcd..");

  /** Execution and storage speak Sheaf's own plan, not the parser library's. */
  public static final ArchRule CALCITE_ONLY_IN_SQL_AND_PLAN =
      onlyIn("org.apache.calcite..", "dev.sheaf.compute.sql..", "dev.sheaf.compute.plan..");

  /** Packages can be read one after the other. */
  public static final ArchRule PACKAGES_FREE_OF_CYCLES =
      slices()
          .assignedFrom(new ByPackage())
          .should()
          .beFreeOfCycles()
          .because("a cycle can only be read as a whole: move the shared type to the lower package")
          .allowEmptyShould(true);

  /** A name says what the class does, not that it helps. */
  public static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveNameMatching(".*(Util|Utils|Helper|Helpers|Impl)")
          .orShould()
          .resideInAPackage("..common..")
          .because("such a name fits anything: name the class after its step or its data")
          .allowEmptyShould(true);

  /** What the simulator replays must give the same effects for the same messages. */
  public static final ArchRule STATE_MACHINES_ARE_DETERMINISTIC =
      noClasses()
          .that(are(deterministic()))
          .should()
          .accessTargetWhere(readsClockOrChance())
          .orShould()
          .dependOnClassesThat(usesThreads())
          .orShould()
          .dependOnClassesThat(
              resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net.."))
          .because(
              "time, randomness, threads and I/O come in as messages or through the constructor")
          .allowEmptyShould(true);

  private ArchRules() {}

  /** All the rules by the name under which a test reports them. */
  public static Map<String, ArchRule> all() {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("frameworks only in server", FRAMEWORKS_ONLY_IN_SERVER);
    rules.put("MinIO only in the S3 adapter", MINIO_ONLY_IN_S3_ADAPTER);
    rules.put("etcd only in its adapter", ETCD_ONLY_IN_ITS_ADAPTER);
    rules.put("Calcite only in compute.sql and compute.plan", CALCITE_ONLY_IN_SQL_AND_PLAN);
    rules.put("packages free of cycles", PACKAGES_FREE_OF_CYCLES);
    rules.put("names say something", NAMES_SAY_SOMETHING);
    rules.put("state machines are deterministic", STATE_MACHINES_ARE_DETERMINISTIC);
    return rules;
  }

  /**
   * One test per rule over the main classes of a package and those below it, for a {@code
   * TestFactory}. Test classes and generated contracts are left out.
   */
  public static Stream<DynamicTest> tests(String basePackage) {
    JavaClasses classes = mainClasses(basePackage);
    if (classes.isEmpty()) {
      throw new IllegalArgumentException(
          "no classes in " + basePackage + ": the rules would pass unseen");
    }
    return all().entrySet().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> rule.getValue().check(classes)));
  }

  private static JavaClasses mainClasses(String basePackage) {
    return new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages(basePackage)
        .that(DescribedPredicate.not(are(generated())));
  }

  private static ArchRule onlyIn(String library, String... packages) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .because(library + " may show only in " + String.join(", ", packages))
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> deterministic() {
    return resideInAnyPackage(
            "dev.sheaf.protocol..",
            "dev.sheaf.log..",
            "dev.sheaf.pageserver.shard..",
            "dev.sheaf.pageserver.oracle..",
            "dev.sheaf.control.placement..")
        .as("state machines and the protocol");
  }

  private static DescribedPredicate<JavaAccess<?>> readsClockOrChance() {
    Map<String, Set<String>> banned =
        Map.of(
            "java.lang.System",
            Set.of("currentTimeMillis", "nanoTime"),
            "java.lang.Math",
            Set.of("random"),
            "java.util.UUID",
            Set.of("randomUUID"),
            Clock.class.getName(),
            Set.of("systemUTC", "systemDefaultZone", "system"));
    return DescribedPredicate.describe(
        "the target reads the clock or chance",
        access -> {
          String owner = access.getTargetOwner().getName();
          String name = access.getTarget().getName();
          return banned.getOrDefault(owner, Set.of()).contains(name)
              || (owner.startsWith("java.time.") && name.equals("now"))
              || owner.equals(ThreadLocalRandom.class.getName())
              || owner.equals("java.security.SecureRandom")
              || (owner.equals(Random.class.getName()) && name.equals("<init>"));
        });
  }

  private static DescribedPredicate<JavaClass> usesThreads() {
    return type(Thread.class)
        .or(type(Executors.class))
        .or(
            DescribedPredicate.<JavaClass>describe(
                "executors", c -> c.isAssignableTo(ExecutorService.class)))
        .as("are threads or executors");
  }

  private static DescribedPredicate<JavaClass> generated() {
    return resideInAPackage("dev.sheaf.protocol.proto..").as("generated");
  }

  /** Every package is a slice of its own, the base package of a module too. */
  private static final class ByPackage implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      return SliceIdentifier.of(javaClass.getPackageName());
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }
}
