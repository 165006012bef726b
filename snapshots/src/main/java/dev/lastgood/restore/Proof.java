package dev.lastgood.restore;

/** How sure it is that the good image holds the last legitimate values. */
public enum Proof {
    /** Nothing but the damage was written between the good and the bad image. */
    PROVED,
    /** Not provable: the fields return to their values as of the capture. */
    AS_OF
}
