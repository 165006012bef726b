package dev.lastgood.cli;

import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Prints the JSON Schema of rule files, for editors. Needs no workspace. */
@Command(
        name = "schema",
        description = "Prints the JSON Schema of rule files, by which an editor completes and checks them.",
        mixinStandardHelpOptions = true)
final class RulesSchemaCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        try (InputStream schema = Rule.class.getResourceAsStream("rules.schema.json")) {
            System.out.print(new String(Objects.requireNonNull(schema).readAllBytes(), StandardCharsets.UTF_8));
            return ExitCode.PASS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
