package dev.lastgood.problem;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a person wrote cannot be used. Carries every problem found, in the order to show them. Exit code 2. */
public final class InvalidInput extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never sent anywhere; a list of records
    private final List<Problem> problems;

    public InvalidInput(List<Problem> problems) {
        super(problems.stream().map(Problem::render).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** One problem that stands in no file. */
    public static InvalidInput of(String message, @Nullable String hint) {
        return new InvalidInput(List.of(new Problem(null, Level.ERROR, message, hint)));
    }

    public List<Problem> problems() {
        return problems;
    }
}
