package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.workspace.DatasetSpec;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/**
 * What the records of a snapshot of one dataset are like.
 *
 * @param view their type, as rules see them
 * @param counts how many there are of each subject
 * @param absent records that have no such array, by its elements
 * @param fields all of them, in the order of the type
 * @param sample some of the records, the same at every time
 */
record Profile(
        DatasetSpec dataset,
        StructType view,
        Map<Subject, Long> counts,
        Map<Subject, Long> absent,
        List<FieldProfile> fields,
        List<Image> sample) {

    String name() {
        return dataset.name();
    }

    long records() {
        return count(Subject.records(name()));
    }

    long count(Subject subject) {
        return counts.getOrDefault(subject, 0L);
    }

    /** Whether there are records without the array whose elements these are. */
    boolean isSometimesAbsent(Subject subject) {
        return absent.getOrDefault(subject, 0L) > 0;
    }

    /** Whether it is the declared key, or a part of it. */
    boolean isOfKey(Field field) {
        return field.of().isRecords() && dataset.key().contains(field.path());
    }

    /** Whether it orders a record's states. */
    boolean isStamp(Field field) {
        FieldPath path = field.whole();
        return path.equals(dataset.version()) || path.equals(dataset.changedAt());
    }

    /** The values of the sample that are not null. */
    List<Value> values(Field field) {
        return sample.stream()
                .flatMap(record -> Within.values(record, field).stream())
                .filter(value -> !value.isNull())
                .toList();
    }

    /** The texts of the sample. */
    List<String> texts(Field field) {
        return values(field).stream()
                .filter(Value.Text.class::isInstance)
                .map(value -> ((Value.Text) value).value())
                .toList();
    }
}
