package dev.lastgood;

import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Spark interprets what it would otherwise compile, for all of a class. What is compiled in a test runs once, and then costs
 * more than it saves. That both find the same is proven where everything is done both ways: of rules by {@code OracleTest}.
 * In profile full everything is compiled, as in use. Not for tests of how something is computed: what hashes columns needs
 * plans that are compiled.
 */
public final class Interpreted implements BeforeAllCallback, AfterAllCallback {
    /** What makes a session interpret. */
    public static final Map<String, String> SETTINGS =
            Map.of("spark.sql.codegen.wholeStage", "false", "spark.sql.codegen.factoryMode", "NO_CODEGEN");

    private static final boolean FULL = Boolean.getBoolean("lastgood.full");

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!FULL) {
            SETTINGS.forEach(SparkForTests.session().conf()::set);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!FULL) {
            SETTINGS.keySet().forEach(SparkForTests.session().conf()::unset);
        }
    }
}
