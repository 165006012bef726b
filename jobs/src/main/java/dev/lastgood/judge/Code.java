package dev.lastgood.judge;

/** What a rule says of one record, with the number it has in Spark. */
public enum Code {
    /** The sentence is true. */
    TRUE(0),
    /** The sentence is false. */
    FALSE(1),
    /** The sentence is NULL: something it needs to know is missing. */
    UNKNOWN(2),
    /** The sentence could not be evaluated. */
    ERROR(3),
    /** The rule is not about this record. */
    OUTSIDE(4);

    private final int number;

    Code(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** The code with this number. */
    public static Code of(int number) {
        for (Code code : values()) {
            if (code.number == number) {
                return code;
            }
        }
        throw new IllegalArgumentException("no code has number " + number);
    }

    /** Whether this is a finding: a check that could not look has not passed. */
    public boolean accuses() {
        return this == FALSE || this == UNKNOWN;
    }
}
