package dev.lastgood;

import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The one Spark session of this JVM, started by the first test that asks for it. Take it as a parameter of a test
 * annotated {@code @ExtendWith(SparkForTests.class)}, or by {@link #session()}.
 *
 * <p>It is shared: a test that needs another setting takes {@code session.newSession()}, and none stops it.
 */
public final class SparkForTests implements ParameterResolver {

    public static SparkSession session() {
        return Shared.SESSION;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == SparkSession.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return session();
    }

    private static final class Shared {
        static final SparkSession SESSION = SparkSession.builder()
                .appName("lastgood tests")
                .master("local[2]")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.ui.enabled", false)
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.warehouse.dir", "target/spark-warehouse")
                .config("spark.local.dir", "target/spark-local")
                .getOrCreate();
    }
}
