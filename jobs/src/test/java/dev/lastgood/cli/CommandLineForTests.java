package dev.lastgood.cli;

import dev.lastgood.SparkForTests;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs command lines in this process, with the shared Spark session. Standard output and error belong to it meanwhile. */
final class CommandLineForTests {
    private CommandLineForTests() {}

    /** What a command line came to. */
    record Ended(int code, String out, String err) {}

    /** What the tests' own session was made with; another value would be set on the session everybody shares. */
    private static final List<String> SPARK = List.of(
            "--master",
            "local[2]",
            "--conf",
            "spark.sql.shuffle.partitions=2",
            "--conf",
            "spark.default.parallelism=2");

    /** Every command but those that only say how to use them takes the options of Spark. */
    static Ended run(Instant now, Map<String, String> env, List<String> arguments) {
        SparkForTests.session();
        return captured(now, env, arguments);
    }

    /** The same with what makes it use the shared session. */
    static Ended runOnSpark(Instant now, Map<String, String> env, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(SPARK);
        return run(now, env, all);
    }

    private static synchronized Ended captured(Instant now, Map<String, String> env, List<String> arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        var outBytes = new ByteArrayOutputStream();
        var errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            int code = Main.run(Clock.fixed(now, ZoneOffset.UTC), env, arguments.toArray(String[]::new));
            System.out.flush();
            System.err.flush();
            return new Ended(
                    code, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
