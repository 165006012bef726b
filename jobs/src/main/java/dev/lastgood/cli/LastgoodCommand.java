package dev.lastgood.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that does something: gives back its exit code, or throws what {@link Failures} turns into one. */
abstract class LastgoodCommand implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Override
    public final Integer call() {
        Console console = new Console(System.out, System.err, common);
        try {
            return run(console);
        } finally {
            console.rest();
        }
    }

    abstract int run(Console console);
}
