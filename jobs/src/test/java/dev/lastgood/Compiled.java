package dev.lastgood;

import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Spark compiles what it runs, for all of a class, as in use. Elsewhere the session of tests interprets: what is compiled in a
 * test runs once, and then costs more than it saves. In profile full everything is compiled. That both find the same is proven
 * where everything is done both ways: of rules by {@code OracleTest}, of what one is evaluated to by {@code CodesTest}. To be put on
 * tests of how something is computed: only plans that are compiled read columns in batches.
 */
public final class Compiled implements BeforeAllCallback, AfterAllCallback {
    private static final String STAGES = "spark.sql.codegen.wholeStage";
    private static final String EXPRESSIONS = "spark.sql.codegen.factoryMode";

    /** What the session of tests begins with. */
    static Map<String, String> unlessAsked() {
        return settings(Boolean.getBoolean("lastgood.full"));
    }

    private static Map<String, String> settings(boolean compiled) {
        return Map.of(STAGES, Boolean.toString(compiled), EXPRESSIONS, compiled ? "FALLBACK" : "NO_CODEGEN");
    }

    /** Has the session compile, or interpret, until {@link #reset()}. */
    public static void set(boolean compiled) {
        settings(compiled).forEach(SparkForTests.session().conf()::set);
    }

    /** Has the session do as it did at first. */
    public static void reset() {
        unlessAsked().forEach(SparkForTests.session().conf()::set);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        set(true);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        reset();
    }
}
