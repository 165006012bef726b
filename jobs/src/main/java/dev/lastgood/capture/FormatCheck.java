package dev.lastgood.capture;

import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Misread;
import dev.lastgood.spark.Together;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** L1 of files that others wrote: each can be opened as what it is, has the fields it must have, and as many records. */
final class FormatCheck {
    private final Reading reading;
    private final FormatReader reader;

    FormatCheck(SparkSession session, Reading reading) {
        this.reading = reading;
        this.reader = new FormatReader(session, reading);
    }

    /** What looking into one file showed. */
    record Looked(long records, List<Damage> damages) {}

    static VerificationReport report(SparkSession session, Manifest manifest) {
        FormatCheck check = new FormatCheck(session, Objects.requireNonNull(manifest.reading()));
        StructType stored = SnapshotReader.schema(manifest);
        List<FileEntry> files = manifest.files(FileEntry.Side.DATA);
        List<Looked> looked = Together.each(files, file -> check.look(file.path(), file.records(), stored));
        List<Damage> damages = new ArrayList<>();
        long records = 0;
        for (Looked one : looked) {
            records += one.records();
            damages.addAll(one.damages());
        }
        return VerificationReport.of(Level.L1, files.size(), 0, records, damages);
    }

    /**
     * Looks into a file.
     *
     * @param expected how many records it must hold; null if nobody knows
     * @param stored all columns of the records
     */
    Looked look(String uri, @Nullable Long expected, StructType stored) {
        List<Damage> damages = new ArrayList<>();
        long records = 0;
        try {
            String columns = named(inFile(stored));
            String found = named(reader.columns(uri));
            if (!columns.equals(found)) {
                return new Looked(0, List.of(Damage.of(uri, Damage.Kind.SCHEMA, columns, found)));
            }
            records = reader.size(stored, uri);
            if (expected != null && records != expected) {
                damages.add(Damage.of(uri, Damage.Kind.COUNT, expected + " records", records + " records"));
            }
        } catch (Exception e) {
            damages.add(unread(uri, e));
        }
        return new Looked(records, damages);
    }

    /** Damage if the file is at fault; where anything else may be, nothing is proven. */
    private Damage unread(String uri, Exception e) {
        boolean ofFile = isOfFile(e);
        return new Damage(
                uri,
                ofFile ? Damage.Kind.CORRUPT : Damage.Kind.UNREADABLE,
                "it cannot be read as %s: %s".formatted(title(), reason(e)));
    }

    private String title() {
        return switch (reading.format()) {
            case PARQUET -> "Parquet";
            case AVRO -> "Avro";
            case ORC, JSON, CSV -> reading.format().name();
        };
    }

    private static boolean isOfFile(Exception e) {
        boolean known = Misread.reason(e).isPresent() || known(e).isPresent() || e instanceof IOException;
        for (Throwable cause = e; cause != null && !known; cause = cause.getCause()) {
            known = isOfFormat(cause);
        }
        return known;
    }

    /** The readers of these formats throw what they like at bytes that are none of theirs. */
    private static boolean isOfFormat(Throwable e) {
        String thrower = e.getClass().getName();
        return e instanceof EOFException
                || thrower.startsWith("org.apache.avro.")
                || thrower.startsWith("org.apache.parquet.")
                || thrower.startsWith("org.apache.orc.")
                || thrower.contains("protobuf.")
                || e instanceof IndexOutOfBoundsException
                || e instanceof IllegalArgumentException;
    }

    /** Why it could not be read, without a value of it. */
    static String reason(Exception e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String last = root.getClass().getSimpleName();
        return known(e).or(() -> Misread.reason(e)).orElse(last);
    }

    private static Optional<String> known(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (message.contains(FormatReader.NO_DOCUMENT)) {
                return Optional.of(FormatReader.NO_DOCUMENT);
            }
            if (message.contains("CAST_INVALID_INPUT")) {
                return Optional.of("what the name of its folder says is not of the type that was declared");
            }
            if (message.contains("UNABLE_TO_INFER_SCHEMA")) {
                return Optional.of("nothing in it says what its fields are");
            }
        }
        return Optional.empty();
    }

    private StructType inFile(StructType stored) {
        return new StructType(Arrays.stream(stored.fields())
                .filter(field -> !reading.partitions().contains(field.name()))
                .toArray(org.apache.spark.sql.types.StructField[]::new));
    }

    private static String named(StructType columns) {
        return Arrays.stream(columns.fields())
                .map(field -> field.name() + " " + field.dataType().sql())
                .toList()
                .toString();
    }
}
