package dev.lastgood;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the compiler cannot check, for all modules together. A rule that finds no class to look at fails. */
class ArchitectureTest {

    private static final Pattern TESTS = Pattern.compile(".*/test-([a-z]+-)?classes/.*");
    private static final ImportOption NO_TESTS = location -> !location.matches(TESTS);
    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(NO_TESTS).importPackages("dev.lastgood");

    @Test
    void every_module_is_looked_at() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName))
                .contains("dev.lastgood.problem", "dev.lastgood.record", "dev.lastgood.cli");
    }

    // The class path sees to it as long as these are modules of their own; this does when somebody moves one.
    @Test
    void what_can_destroy_data_knows_no_spark() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.lastgood.problem..",
                        "dev.lastgood.yaml..",
                        "dev.lastgood.path..",
                        "dev.lastgood.rule..",
                        "dev.lastgood.record..",
                        "dev.lastgood.snapshot..",
                        "dev.lastgood.restore..",
                        "dev.lastgood.target..",
                        "dev.lastgood.workspace..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..")
                .check(CLASSES);
    }

    @Test
    void yaml_is_read_in_one_place() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lastgood.yaml..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.snakeyaml..")
                .check(CLASSES);
    }

    @Test
    void what_is_found_is_handed_back_not_printed() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lastgood.cli..")
                .should(ACCESS_STANDARD_STREAMS)
                .check(CLASSES);
    }

    @Test
    void what_time_it_is_is_asked_of_a_clock() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lastgood.cli..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .orShould()
                .callMethod(OffsetDateTime.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    // Its figures are about the product, so they must not be the product's own.
    @Test
    void the_demos_shop_and_its_truth_call_no_product() {
        classes()
                .that()
                .resideInAPackage("dev.lastgood.demo..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.lastgood.demo..", "java..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void packages_form_no_cycle() {
        slices().matching("dev.lastgood.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
