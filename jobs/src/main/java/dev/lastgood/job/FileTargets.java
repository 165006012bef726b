package dev.lastgood.job;

import dev.lastgood.restore.Refusal;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Source;

/** Opens file datasets as targets. */
final class FileTargets {
    private FileTargets() {}

    static Target open(DatasetSpec dataset, Source.Files source) {
        throw new Refusal("dataset '%s' of source '%s' is export only".formatted(dataset.name(), source.name()), null);
    }
}
