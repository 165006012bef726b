package dev.lastgood.imports;

import dev.lastgood.problem.SourceFile;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A language of data quality checks that can be translated into rules. */
public enum Format {
    /** Open Data Contract Standard, version 3. */
    ODCS("Open Data Contract Standard", "\\{?\\s*[\"']?(kind[\"']?:\\s*[\"']?DataContract\\b|apiVersion[\"']?:)"),
    /** Tests in the property files of dbt, as {@code schema.yml}. */
    DBT("dbt", "\\{?\\s*[\"']?(models|sources|seeds|snapshots)[\"']?:"),
    /** Data Quality Definition Language of AWS Glue. */
    DQDL("DQDL", "\\s*(Rules|Analyzers|DataSources|Metadata|DefaultLabels)\\s*=\\s*[\\[{]");

    private final String title;
    private final Pattern sign;

    Format(String title, String sign) {
        this.title = title;
        this.sign = Pattern.compile("(?m)^" + sign);
    }

    /** As written on a command line. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As people call it. */
    String title() {
        return title;
    }

    /** The format a text seems to be in, judged by how its lines begin. */
    public static Optional<Format> guess(SourceFile file) {
        return Arrays.stream(values())
                .filter(format -> format.sign.matcher(file.text()).find())
                .findFirst();
    }
}
