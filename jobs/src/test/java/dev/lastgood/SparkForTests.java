package dev.lastgood;

import dev.lastgood.spark.Sessions;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The one Spark session of this JVM, made as the program makes it and started by the first test that asks for it. Take it as a parameter of a test
 * annotated {@code @ExtendWith(SparkForTests.class)}, or by {@link #session()}.
 *
 * <p>It interprets where {@link Compiled} does not say otherwise. It is shared: a test that needs another setting takes {@code session.newSession()}, and none stops it.
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
        static final SparkSession SESSION = Sessions.open("local[2]", conf());

        private static Map<String, String> conf() {
            Map<String, String> conf = new HashMap<>(Compiled.unlessAsked());
            conf.put("spark.sql.shuffle.partitions", "2");
            conf.put("spark.default.parallelism", "2");
            // Every sort and every hash table begins with a page, of 64 MB where nobody says otherwise.
            conf.put("spark.buffer.pageSize", "2m");
            conf.put("spark.sql.warehouse.dir", "target/spark-warehouse");
            conf.put("spark.local.dir", "target/spark-local");
            return conf;
        }
    }
}
