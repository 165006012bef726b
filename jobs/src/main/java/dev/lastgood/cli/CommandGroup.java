package dev.lastgood.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that is nothing without one of its own: a script that forgot it must not take its silence for success. */
abstract class CommandGroup implements Runnable {
    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public final void run() {
        CommandSpec own = Objects.requireNonNull(spec);
        throw new ParameterException(
                own.commandLine(),
                "'%s' needs a command: %s"
                        .formatted(
                                own.qualifiedName(),
                                String.join(", ", own.subcommands().keySet())));
    }
}
