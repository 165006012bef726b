package dev.lastgood.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * The stages of long work: on a terminal a line that moves while a stage runs, elsewhere a plain line when it begins; and
 * in both, how long it took.
 */
final class Progress implements AutoCloseable {
    private static final int REDRAW_MILLIS = 200;

    private final Console console;
    private final boolean moving;
    private final int stages;
    private final long start = System.nanoTime();
    private int number;
    private long begun;
    private @Nullable String stage;
    private @Nullable ProgressBar bar;

    /** @param moving whether a line can be drawn again, as on a terminal */
    Progress(Console console, boolean moving, int stages) {
        this.console = console;
        this.moving = moving;
        this.stages = stages;
    }

    /** A line on standard error that moves until it is closed, and then is gone. */
    static ProgressBar bar(String what) {
        return new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(-1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .clearDisplayOnFinish()
                .build();
    }

    /** Ends the stage that runs, if one does, and begins the next. */
    void next(String what) {
        end();
        number++;
        begun = System.nanoTime();
        stage = "%2d/%d  %s".formatted(number, stages, what);
        if (moving) {
            bar = bar(stage);
        } else {
            console.note(stage);
        }
    }

    /** Ends the stage that runs, if one does; after that, lines may be printed. */
    void end() {
        if (stage == null) {
            return;
        }
        if (bar != null) {
            bar.close();
            bar = null;
        }
        long now = System.nanoTime();
        String took = "%.1f s, %.0f s in all".formatted((now - begun) / 1e9, (now - start) / 1e9);
        console.note(moving ? stage + " (" + took + ")" : "       " + took);
        stage = null;
    }

    @Override
    public void close() {
        end();
    }
}
