package dev.lastgood;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the compiler cannot check. A rule that finds no class to look at fails. */
class ArchitectureTest {

    private static final Pattern TESTS = Pattern.compile(".*/test-([a-z]+-)?classes/.*");
    private static final ImportOption NO_TESTS = location -> !location.matches(TESTS);
    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(NO_TESTS).importPackages("dev.lastgood");

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
        noClasses().should(ACCESS_STANDARD_STREAMS).check(CLASSES);
    }

    @Test
    void packages_form_no_cycle() {
        slices().matching("dev.lastgood.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
