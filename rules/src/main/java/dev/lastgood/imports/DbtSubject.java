package dev.lastgood.imports;

import org.jspecify.annotations.Nullable;

/**
 * What a test of dbt is about.
 *
 * @param name of the model, source table, seed or snapshot
 * @param dataset as the workspace calls it
 * @param column as the file calls it; null for the whole
 */
record DbtSubject(String name, String dataset, @Nullable DbtColumn column) {

    DbtSubject with(DbtColumn named) {
        return new DbtSubject(name, dataset, named);
    }

    @Override
    public String toString() {
        return column == null ? name : name + "." + column.written();
    }
}
