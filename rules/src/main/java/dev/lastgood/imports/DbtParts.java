package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import java.util.List;

/** What several packages of tests say in the same way. */
final class DbtParts {

    static final String PROJECT = "it is a generic test of the project or a package, whose SQL stands elsewhere";
    static final String ORDER = "it compares each record with the one before it";
    static final String TWO = "it compares two datasets as a whole";

    /** Of rules that several fields together are unique. */
    static final String MORE_NULLS = "Records with the same null in a field are alike there, and take no part here.";

    private final DbtArguments arguments;

    DbtParts(DbtArguments arguments) {
        this.arguments = arguments;
    }

    static List<DbtClaim> records(Condition condition) {
        return List.of(new DbtClaim.OfRecords(condition));
    }

    /** No different value but these. */
    List<DbtClaim> values(Condition.Nulls nulls, String key, String quote) throws Untranslatable {
        FieldPath column = arguments.column();
        List<Literal> values = arguments.values(key, quote);
        return List.of(new DbtClaim.OfValues(column, Condition.in(column, values, nulls)));
    }

    /** The record of another dataset exists. */
    DbtClaim refers() throws Untranslatable {
        return new DbtClaim.Refers(arguments.column(), arguments.dataset("to"), arguments.column("field"));
    }

    /** A field between bounds; a null passes. */
    List<DbtClaim> between(boolean included) throws Untranslatable {
        FieldPath column = arguments.column();
        var bounds = arguments.bounds(included);
        return records(bounds.range()
                .map(range -> Condition.number(column, range, Condition.Nulls.PASS))
                .orElseGet(() -> Condition.of(bounds.sql(SqlText.path(column)), Condition.Nulls.PASS)));
    }

    /** The column the test is about, as SQL. */
    String columnSql() throws Untranslatable {
        return SqlText.path(arguments.column());
    }
}
