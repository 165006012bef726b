package dev.lastgood.snapshot;

/** How deep a verification of a snapshot goes. Each says something the ones before it do not. */
public enum Level {
    /** The manifest is the one the catalog names, every file is there with its size, nothing else is, and the sums agree. */
    L0,
    /** The files can be read as what they are: footers, schema, records a file. */
    L1,
    /** Every byte is as it was. */
    L2,
    /** The content, read again through the engine, has the digests of the manifest. */
    L3,
    /** The rules hold on the snapshot alone. */
    L4,
    /** It was restored into a sandbox and verified there. */
    L5
}
