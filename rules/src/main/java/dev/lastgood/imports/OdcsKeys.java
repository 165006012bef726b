package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a data contract says about keys: {@code primaryKey}, {@code unique} and {@code required}. */
final class OdcsKeys {

    private static final BigDecimal LAST = BigDecimal.valueOf(Long.MAX_VALUE);

    private final OdcsObject object;
    private final Translation translation;

    OdcsKeys(OdcsObject object, Translation translation) {
        this.object = object;
        this.translation = translation;
    }

    void translate() {
        List<OdcsProperty> key = object.all().stream()
                .filter(property -> property.says("primaryKey"))
                .sorted(Comparator.comparing(OdcsKeys::position))
                .toList();
        if (!key.isEmpty()) {
            primaryKey(key);
        }
        for (OdcsProperty property : object.all()) {
            if (property.says("required")) {
                required(property);
            }
            boolean saidAlready = key.equals(List.of(property));
            if (property.says("unique") && !saidAlready) {
                unique(property);
            }
        }
    }

    private static BigDecimal position(OdcsProperty property) {
        return property.text("primaryKeyPosition").flatMap(Numbers::read).orElse(LAST);
    }

    private void primaryKey(List<OdcsProperty> key) {
        OdcsProperty first = key.get(0);
        List<FieldPath> paths = key.stream().map(OdcsProperty::path).toList();
        var origin = new Origin(
                first.fields().keyPlace("primaryKey"),
                object.dataset(),
                List.of(object.dataset(), "primary_key"),
                "primaryKey");
        if (!paths.stream().allMatch(FieldPath::isPlain)) {
            translation.untranslated(origin.place(), object.name() + ": primaryKey", OdcsQuality.ELEMENTS);
            return;
        }
        List<Draft> drafts = new ArrayList<>();
        drafts.add(new Draft(origin).unique(paths));
        for (OdcsProperty property : key) {
            if (!property.says("required")) {
                Origin part = origin.part(property.path().toString()).part("required");
                drafts.add(new Draft(part).condition(Condition.required(property.path())));
            }
        }
        translation.translated(drafts);
    }

    private void unique(OdcsProperty property) {
        Origin origin = origin(property, "unique");
        if (property.path().isPlain()) {
            translation.translated(new Draft(origin).unique(List.of(property.path())));
        } else {
            translation.untranslated(origin.place(), what(property, "unique"), OdcsQuality.ELEMENTS);
        }
    }

    private void required(OdcsProperty property) {
        Origin origin = origin(property, "required");
        if (property.isElement()) {
            translation.untranslated(origin.place(), what(property, "required"), OdcsQuality.PLAIN_ELEMENTS);
            return;
        }
        translation.translated(required(object, property, new Draft(origin)));
    }

    /** Where what it is inside of may be missing, only if that is there. */
    static Draft required(OdcsObject object, OdcsProperty property, Draft draft) {
        Condition required = Condition.required(property.field());
        List<String> missing = property.optionalParents().stream()
                .map(parent -> SqlText.path(parent) + " is null")
                .toList();
        Condition condition = missing.isEmpty()
                ? required
                : Condition.of(String.join(" or ", missing) + " or " + required.sql(), Condition.Nulls.NEVER);
        return draft.each(property.array()).condition(condition);
    }

    private Origin origin(OdcsProperty property, String key) {
        Optional<YamlNode> value = property.fields().node(key);
        return new Origin(
                value.isEmpty() ? property.fields().place() : property.fields().keyPlace(key),
                object.dataset(),
                List.of(object.dataset(), property.path().toString(), key),
                key);
    }

    private String what(OdcsProperty property, String key) {
        return "%s.%s: %s".formatted(object.name(), property.path(), key);
    }
}
