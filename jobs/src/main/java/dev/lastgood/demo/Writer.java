package dev.lastgood.demo;

/** Who writes: which side, through which release of the application, and doing what. */
record Writer(Side side, String version, String kind) {
    enum Side {
        LEGITIMATE,
        BUG
    }

    static Writer legitimate(String version, String kind) {
        return new Writer(Side.LEGITIMATE, version, kind);
    }

    static Writer bug(String kind) {
        return new Writer(Side.BUG, BuggyRelease.VERSION, kind);
    }

    String sideName() {
        return side == Side.BUG ? "bug" : "legitimate";
    }
}
