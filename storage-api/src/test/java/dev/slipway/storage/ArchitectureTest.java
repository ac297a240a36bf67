package dev.slipway.storage;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What may come into this room. */
class ArchitectureTest {
  @Test
  void storageApi_productionCode_dependsOnJdkArrowAndJspecifyAlone() {
    JavaClasses production =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.slipway.storage");

    classes()
        .that()
        .resideInAPackage("dev.slipway.storage..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.slipway.storage",
            "dev.slipway.storage.predicate",
            "java..",
            "org.apache.arrow..",
            "org.jspecify..")
        .check(production);
  }
}
