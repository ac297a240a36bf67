package dev.slipway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.slipway.storage.StorageBackend;
import java.util.List;

/** The walls between rooms: dependencies point one way. */
@AnalyzeClasses(packages = "dev.slipway", importOptions = ArchitectureTest.ProductionOnly.class)
class ArchitectureTest {
  /** Neither tests nor the contract suites, which come as a jar of tests. */
  static final class ProductionOnly implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return Predefined.DO_NOT_INCLUDE_TESTS.includes(location) && !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule onlyTheLanceBackendKnowsLance =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.slipway.storage.lance..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.lance..");

  @ArchTest
  static final ArchRule theEngineKnowsNothingOfGrpc =
      noClasses()
          .that()
          .resideInAPackage("dev.slipway.engine..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.grpc..",
              "com.google.protobuf..",
              "dev.slipway.v1..",
              "dev.slipway.grpc..",
              "dev.slipway.cli..",
              "dev.slipway.config..");

  @ArchTest
  static final ArchRule theEngineKnowsNoBackend =
      noClasses()
          .that()
          .resideInAnyPackage("dev.slipway.engine..", "dev.slipway.grpc..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.slipway.storage.lance..", "dev.slipway.storage.memory..");

  @ArchTest
  static final ArchRule theStorageSpiKnowsOnlyArrow =
      classes()
          .that()
          .resideInAnyPackage("dev.slipway.storage", "dev.slipway.storage.predicate")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.apache.arrow..",
              "org.jspecify..",
              "dev.slipway.storage",
              "dev.slipway.storage.predicate");

  @ArchTest
  static final ArchRule onlyEndpointsAndClientsSeeTheProtos =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.slipway.v1..", "dev.slipway.grpc..", "dev.slipway.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.slipway.v1..");

  @ArchTest
  static final ArchRule engineRoomsHaveNoCycles =
      slices().matching("dev.slipway.engine.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheCommitProtocolPublishes =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.slipway.engine.log..",
              "dev.slipway.engine.commit..",
              "dev.slipway.engine.database..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("dev.slipway.engine.log.Publisher");

  /** Adding a call site is a decision: it widens what acts without being staged. */
  @ArchTest
  static void inlineResidual_isReachedFromFewPlaces(JavaClasses all) {
    List<String> callers =
        all.stream()
            .flatMap(type -> type.getMethodCallsFromSelf().stream())
            .filter(
                call ->
                    call.getTargetOwner().isAssignableTo(StorageBackend.class)
                        && call.getName().equals("inlineResidual"))
            .map(JavaMethodCall::getOriginOwner)
            .map(origin -> origin.getSimpleName())
            .sorted()
            .toList();
    assertThat(callers)
        .containsExactly(
            "CleanupParts",
            "FolderReclaim",
            "TableCheck",
            "TableCheck",
            "Verifier",
            "Verifier",
            "VersionBuilder");
  }
}
