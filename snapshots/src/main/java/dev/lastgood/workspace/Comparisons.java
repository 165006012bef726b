package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;

/** What a dataset declares under {@code compare} and {@code ignore}, as a comparison. */
public final class Comparisons {
    private Comparisons() {}

    public static Comparison of(DatasetSpec dataset) {
        Comparison.Builder builder = Comparison.builder();
        dataset.compare().forEach((path, sameness) -> sameness.accept(new Declared(builder, path)));
        dataset.ignore().forEach(builder::ignore);
        return builder.build();
    }

    private record Declared(Comparison.Builder builder, FieldPath path)
            implements Sameness.Visitor<Comparison.Builder> {
        @Override
        public Comparison.Builder near(Sameness.Near sameness) {
            return builder.near(path, sameness.abs(), sameness.rel());
        }

        @Override
        public Comparison.Builder within(Sameness.Within sameness) {
            return builder.within(path, sameness.duration());
        }

        @Override
        public Comparison.Builder set(Sameness.AsSet sameness) {
            return builder.set(path);
        }

        @Override
        public Comparison.Builder keyed(Sameness.Keyed sameness) {
            return builder.keyed(
                    path, sameness.key().stream().map(FieldPath::root).toList());
        }

        @Override
        public Comparison.Builder text(Sameness.AsText sameness) {
            return builder;
        }

        @Override
        public Comparison.Builder alike(Sameness.Alike sameness) {
            return builder.alike(
                    path,
                    sameness.ignored().contains(Sameness.Ignored.CASE),
                    sameness.ignored().contains(Sameness.Ignored.BLANKS),
                    sameness.ignored().contains(Sameness.Ignored.UNICODE));
        }
    }
}
