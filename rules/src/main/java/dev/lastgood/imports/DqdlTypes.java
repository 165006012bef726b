package dev.lastgood.imports;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rule types of DQDL by name. */
final class DqdlTypes {

    private static final Set<String> TRANSLATED = Set.of(
            "IsComplete",
            "Completeness",
            "IsUnique",
            "Uniqueness",
            "IsPrimaryKey",
            "ColumnValues",
            "ColumnLength",
            "ColumnDataType",
            "RowCount",
            "Mean",
            "Sum",
            "StandardDeviation",
            "DistinctValuesCount",
            "ColumnCorrelation",
            "DataFreshness",
            "ReferentialIntegrity",
            "CustomSql");

    private static final Map<String, String> UNTRANSLATED = untranslated();

    private DqdlTypes() {}

    private static Map<String, String> untranslated() {
        Map<String, String> reasons = new HashMap<>();
        for (String type : List.of("ColumnExists", "ColumnCount", "ColumnNamesMatchPattern", "SchemaMatch")) {
            reasons.put(type, "it is about which fields there are; a rule that names a missing one is refused anyway");
        }
        for (String type : List.of("RowCountMatch", "AggregateMatch")) {
            reasons.put(type, "it compares totals of two datasets; 'reconcile' compares sums by key");
        }
        for (String type : List.of("Entropy", "UniqueValueRatio")) {
            reasons.put(type, "no aggregate function gives this number");
        }
        for (String type : List.of("FileFreshness", "FileMatch", "FileUniqueness", "FileSize")) {
            reasons.put(type, "it is about files, not about records");
        }
        reasons.put("DatasetMatch", "it compares two datasets record by record, which is a diff and no rule");
        reasons.put("DetectAnomalies", "what is an anomaly is learnt there; a metric has 'vs_history'");
        return Map.copyOf(reasons);
    }

    static boolean isKnown(String type) {
        return TRANSLATED.contains(type) || UNTRANSLATED.containsKey(type);
    }

    /** Why no rule says what that type says; none if one does. */
    static Optional<String> objection(String type) {
        return TRANSLATED.contains(type)
                ? Optional.empty()
                : Optional.of(UNTRANSLATED.getOrDefault(type, "there is no such rule type in DQDL"));
    }
}
