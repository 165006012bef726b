package dev.lastgood.workspace;

/** What is left of a value in everything made for people. */
public sealed interface Mask {

    /** The value as people see it. Null stays visible as null. */
    String masked(String value);

    /** Nothing. */
    record Full() implements Mask {

        @Override
        public String masked(String value) {
            return "***";
        }
    }

    /** Its last characters (code points), if it has at least twice as many. */
    record KeepLast(int characters) implements Mask {

        public KeepLast {
            if (characters < 1) {
                throw new IllegalArgumentException("keep_last " + characters);
            }
        }

        @Override
        public String masked(String value) {
            int length = value.codePointCount(0, value.length());
            if (length < 2L * characters) {
                return "***";
            }
            return "***" + value.substring(value.offsetByCodePoints(value.length(), -characters));
        }
    }
}
