package dev.lastgood.demo;

/**
 * What became of the damage and of everybody's work, after a restore. A damaged field is a field of a record that the
 * bug wrote at least once; a record that the bug deleted counts as one field. Each is counted in the first that is true:
 *
 * <ol>
 *   <li><b>in conflict</b>: live is what a legitimate writer made of this very field after the bug (its value, or the
 *       absence of the record; for a wrong delete: the record was entered again). A restore must keep it, also where it
 *       happens to be the old value;
 *   <li><b>restored</b>: live is the value just before the bug's write (the first of its last run of writes);
 *   <li><b>unrecoverable</b>: live still is a value the bug wrote, or the record it deleted is still gone;
 *   <li><b>stale</b>: live is an older legitimate value, that of an older capture. A deleted record is stale if some of
 *       its fields are older and none is anything else;
 *   <li><b>foreign</b>: live is a value nobody ever wrote there. Of a correct restore there are none.
 * </ol>
 *
 * @param damagedRecords records with at least one damaged field
 * @param damagedFound those of them that the audit found
 * @param falsePositives records the audit found that the bug never wrote to
 * @param fieldsUnrecoverable left as the bug wrote them, for one of the three reasons that follow
 * @param leftWithoutCapture of those: no capture holds the record from before the bug
 * @param leftBesideLegitimateWork of those: after the last capture a legitimate writer wrote this field, or one that the
 *     sum rule ties to it (total, shipping, lines), so that the captured value cannot be proven, or would break the rule
 * @param leftThoughCaptured of those: a capture holds the value and nothing stands in the way
 * @param legitimateWrites values written by legitimate writers since the log began; a deleted record is one
 * @param legitimateWritesLost values last written by a legitimate writer that live held just before the restore and no
 *     longer holds
 */
public record Figures(
        long damagedRecords,
        long damagedFound,
        long falsePositives,
        long fieldsDamaged,
        long fieldsRestored,
        long fieldsStale,
        long fieldsInConflict,
        long fieldsUnrecoverable,
        long leftWithoutCapture,
        long leftBesideLegitimateWork,
        long leftThoughCaptured,
        long fieldsForeign,
        long legitimateWrites,
        long legitimateWritesLost) {

    /** Whether every damaged field is one of restored, stale, in conflict and unrecoverable. */
    public boolean sumsAgree() {
        return fieldsRestored + fieldsStale + fieldsInConflict + fieldsUnrecoverable == fieldsDamaged
                && leftWithoutCapture + leftBesideLegitimateWork + leftThoughCaptured == fieldsUnrecoverable;
    }
}
