package dev.lastgood.incident;

import dev.lastgood.record.Image;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Good and bad of one record, told its captures from the oldest to the newest. Pure but for its own state. */
final class Fold {
    private static final int NONE = -1;

    private final boolean absenceAtFault;
    private int good = NONE;
    private Course.@Nullable Run goodRun;
    private int without = NONE;
    private int bad = NONE;
    private Course.@Nullable Run badRun;
    private boolean badNow;
    private boolean wasBad;
    private boolean flapping;
    private boolean shared;

    /** @param absenceAtFault whether the audit found it wrong that the record is not there */
    Fold(boolean absenceAtFault) {
        this.absenceAtFault = absenceAtFault;
    }

    /** As it was when it was last good; null if it never was, or not there. */
    @Nullable
    Image goodImage() {
        return goodRun == null ? null : goodRun.image();
    }

    /** The number of the capture in which it was last good, or was last well without it; negative if there is none. */
    int wellAt() {
        return goodRun != null ? good : absenceAtFault ? NONE : without;
    }

    void absent(int capture) {
        if (absenceAtFault && goodRun != null) {
            broken(capture, null);
        } else if (!badNow) {
            good = NONE;
            goodRun = null;
            without = capture;
        }
    }

    /** Of several records with one key nobody knows which it was, so none of them is good. */
    void present(int capture, Course.Run run, boolean fine) {
        if (!fine || run.shared()) {
            shared |= run.shared();
            broken(capture, run);
            return;
        }
        shared = false;
        badNow = false;
        good = capture;
        goodRun = run;
        without = NONE;
    }

    private void broken(int capture, Course.@Nullable Run run) {
        flapping |= wasBad && !badNow;
        if (!badNow) {
            bad = capture;
            badRun = run;
        }
        badNow = true;
        wasBad = true;
    }

    /** What the audit saw is bad: it is why the record is here. */
    Past past(List<Past.At> captures) {
        Set<Past.Mark> marks = EnumSet.noneOf(Past.Mark.class);
        if (flapping || (wasBad && !badNow)) {
            marks.add(Past.Mark.FLAPPING);
        }
        if (goodRun == null) {
            marks.add(Past.Mark.UNRECOVERABLE);
        }
        if (shared) {
            marks.add(Past.Mark.DUPLICATE_KEY);
        }
        return new Past(
                goodRun == null ? null : captures.get(good),
                goodImage(),
                without == NONE ? null : captures.get(without),
                badNow ? captures.get(bad) : null,
                badNow && badRun != null ? Objects.requireNonNull(badRun).image() : null,
                marks);
    }
}
