package dev.slipway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.slipway.engine.log.LogStore;
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

  /** Each package is a room; the SPI and its predicates know each other on purpose. */
  private static final class Rooms implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String room = type.getPackageName();
      return SliceIdentifier.of(
          room.equals("dev.slipway.storage.predicate") ? "dev.slipway.storage" : room);
    }

    @Override
    public String getDescription() {
      return "rooms";
    }
  }

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices().assignedFrom(new Rooms()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theEnginesFaceKnowsNoneOfItsRooms =
      noClasses()
          .that()
          .resideInAPackage("dev.slipway.engine")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.slipway.engine.*..");

  @ArchTest
  static final ArchRule endpointsSeeTheEnginesFaceAlone =
      noClasses()
          .that()
          .resideInAPackage("dev.slipway.grpc..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.slipway.engine.*..");

  @ArchTest
  static final ArchRule rowsOnTheWireKnowNoCalls =
      noClasses()
          .that()
          .resideInAPackage("dev.slipway.grpc.payload..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.slipway.grpc", "dev.slipway.v1..", "io.grpc..");

  @ArchTest
  static final ArchRule commandsKnowNeitherEngineNorStorage =
      noClasses()
          .that()
          .resideInAPackage("dev.slipway.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.slipway.engine..", "dev.slipway.storage..");

  @ArchTest
  static final ArchRule filesOfRowsKnowOnlyTheNamesOfTypes =
      seeOfOurs("dev.slipway.cli.data", "dev.slipway.cli.data", "dev.slipway.grpc.payload");

  @ArchTest
  static final ArchRule configurationKnowsNothing =
      seeOfOurs("dev.slipway.config", "dev.slipway.config");

  @ArchTest
  static final ArchRule faultsKnowNoRoomOfTheEngine =
      seeOfOurs("dev.slipway.engine.fault", "dev.slipway.engine.fault", "dev.slipway.storage");

  private static ArchRule seeOfOurs(String room, String... seen) {
    return noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat(resideInAPackage("dev.slipway..").and(resideOutsideOfPackages(seen)));
  }

  @ArchTest
  static final ArchRule onlyTheFilterLanguageKnowsTheSqlParser =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.slipway.engine.filter..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("net.sf.jsqlparser..");

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

  /** The commit point, and the first record of a database that no name means yet. */
  @ArchTest
  static void recordsArePut_fromTwoPlaces(JavaClasses all) {
    List<String> callers =
        all.stream()
            .flatMap(type -> type.getCodeUnitAccessesFromSelf().stream())
            .filter(
                access ->
                    access.getTargetOwner().isEquivalentTo(LogStore.class)
                        && access.getName().equals("publish"))
            .map(access -> access.getOriginOwner().getSimpleName())
            .sorted()
            .toList();
    assertThat(callers).containsExactly("DatabaseCreation", "Publisher");
  }

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
            "Verifier",
            "Verifier",
            "VersionBuilder");
  }
}
