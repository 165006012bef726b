package dev.lastgood.restore;

import dev.lastgood.record.Key;
import java.util.Collection;
import java.util.Map;

/** Knows what records were: their last-known-good and their bad image, read as the record is written today. */
public interface Images {

    /** The history of each key asked for; one that no capture knows has no entry. */
    Map<Key, History> histories(String dataset, Collection<Key> keys);
}
