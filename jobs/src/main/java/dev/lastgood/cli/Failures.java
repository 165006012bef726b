package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.JsonValues;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Misread;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.target.TargetUnavailable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What went wrong, in one voice: message, place and hint on standard error, and the exit code that belongs to it. */
final class Failures implements IExecutionExceptionHandler {

    /** A failure as people and programs get to see it. */
    private record Failure(
            int exitCode,
            List<Problem> problems,
            String message,
            @Nullable String hint,
            boolean isOurs) {

        Failure(int exitCode, List<Problem> problems, String message, @Nullable String hint) {
            this(exitCode, problems, message, hint, true);
        }
    }

    private static final String BROKEN =
            "Somebody or something has changed the store. Bring the file back from a copy of the store, or use another snapshot.";

    private static final String STORE =
            "Check 'store' in lastgood.yaml, that it is a folder this user may write to, and that space is left there.";

    @Override
    public int handleExecutionException(Exception e, CommandLine commandLine, ParseResult parsed) {
        if (e instanceof ParameterException usage) {
            return new WrongUsage()
                    .handleParseException(usage, parsed.originalArgs().toArray(String[]::new));
        }
        Object command = commandLine.getCommand();
        Common common = command instanceof LastgoodCommand one ? one.common : new Common();
        return tell(e, common.json, common.verbose);
    }

    /** Tells what went wrong, and gives back the exit code that belongs to it. */
    static int tell(Throwable e, boolean json, boolean verbose) {
        Failure failure = failure(e);
        if (failure.problems().isEmpty()) {
            System.err.println("error: " + failure.message());
            if (failure.hint() != null && !failure.hint().isEmpty()) {
                System.err.println("hint: " + failure.hint());
            }
        } else {
            failure.problems().forEach(problem -> System.err.println(problem.render()));
        }
        if (verbose) {
            e.printStackTrace();
        }
        if (json) {
            System.out.println(JsonValues.write(json(failure)));
        }
        return failure.exitCode();
    }

    /**
     * What went wrong, in our words alone, for files that others read: what Spark or a driver says may repeat a record, so
     * of that there is only the name.
     */
    static String said(Throwable e) {
        Failure failure = failure(e);
        if (!failure.isOurs()) {
            return "%s, exit code %d".formatted(e.getClass().getSimpleName(), failure.exitCode());
        }
        String said = failure.problems().isEmpty()
                ? failure.message()
                : failure.problems().stream().map(Problem::message).collect(Collectors.joining("; "));
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            String theirs = first(cause).replaceFirst("; SQL statement:$", "").strip();
            if (!theirs.isEmpty() && !cause.getClass().getName().startsWith("dev.lastgood.")) {
                said = said.replace(theirs, cause.getClass().getSimpleName());
            }
        }
        return said;
    }

    private static Failure failure(Throwable e) {
        if (e instanceof InvalidInput invalid) {
            return new Failure(ExitCode.USAGE, invalid.problems(), message(e), null);
        }
        if (e instanceof Refusal refusal) {
            return new Failure(ExitCode.REFUSED, List.of(), message(e), refusal.hint());
        }
        if (e instanceof UnusableEntry unusable) {
            return new Failure(
                    ExitCode.REFUSED, List.of(), message(e), unusable.hint() == null ? BROKEN : unusable.hint());
        }
        if (e instanceof StoreUnavailable unavailable) {
            return new Failure(
                    ExitCode.ENVIRONMENT,
                    List.of(),
                    message(e),
                    unavailable.hint() == null ? STORE : unavailable.hint());
        }
        if (e instanceof SourceUnreadable unreadable) {
            return new Failure(ExitCode.ENVIRONMENT, List.of(), message(e), unreadable.hint());
        }
        if (e instanceof TargetUnavailable) {
            return new Failure(ExitCode.ENVIRONMENT, List.of(), message(e), null);
        }
        Optional<SourceUnreadable> misread = Misread.of(e);
        if (misread.isPresent()) {
            return failure(misread.get());
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceUnreadable || cause instanceof java.sql.SQLException) {
                return new Failure(
                        ExitCode.ENVIRONMENT, List.of(), "a source could not be read: " + first(cause), null, false);
            }
        }
        return new Failure(
                ExitCode.ENVIRONMENT,
                List.of(),
                "%s: %s".formatted(e.getClass().getSimpleName(), first(e)),
                "This is not a message of Lastgood's own. Run again with -v for the stack trace.",
                false);
    }

    private static String message(Throwable e) {
        return String.valueOf(e.getMessage());
    }

    private static String first(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static ObjectNode json(Failure failure) {
        ObjectNode node =
                JsonNodeFactory.instance.objectNode().put("formatVersion", 1).put("exitCode", failure.exitCode());
        ArrayNode errors = node.putArray("errors");
        if (failure.problems().isEmpty()) {
            errors.addObject().put("message", failure.message()).put("hint", failure.hint());
        }
        for (Problem problem : failure.problems()) {
            ObjectNode error = errors.addObject()
                    .put("level", problem.level().name().toLowerCase(Locale.ROOT))
                    .put("message", problem.message())
                    .put("hint", problem.hint());
            if (problem.place() != null) {
                error.put("file", problem.place().file().name())
                        .put("line", problem.place().line())
                        .put("column", problem.place().column());
            }
        }
        return node;
    }
}
