package dev.lastgood.cli;

import dev.lastgood.spark.TaskCounts;
import dev.lastgood.spark.TaskCounts.Counts;
import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows, while one piece of work runs, how far Spark is: on a terminal a line that moves, elsewhere a plain line every ten
 * seconds. What is to be done is only known as it comes, so the end may move away.
 */
final class Progress implements AutoCloseable {
    private static final int REDRAW_MILLIS = 200;
    private static final int PLAIN_MILLIS = 10_000;

    private final String what;
    private final PrintStream err;
    private final @Nullable ProgressBar bar;
    private final Counts before = TaskCounts.now();
    private final long begun = System.nanoTime();
    private final Thread thread;

    private Progress(String what, PrintStream err, boolean moving) {
        this.what = what;
        this.err = err;
        this.bar = moving ? bar(what, err) : null;
        this.thread = new Thread(() -> show(moving ? REDRAW_MILLIS : PLAIN_MILLIS), "lastgood-progress");
        thread.setDaemon(true);
    }

    private static ProgressBar bar(String what, PrintStream err) {
        return new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(-1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(err))
                .clearDisplayOnFinish()
                .build();
    }

    /** @param moving whether a line can be drawn again, as on a terminal */
    static Progress of(String what, PrintStream err, boolean moving) {
        Progress progress = new Progress(what, err, moving);
        progress.thread.start();
        return progress;
    }

    private void show(int millis) {
        try {
            Counts last = new Counts(0, 0, 0);
            while (true) {
                Thread.sleep(millis);
                Counts done = TaskCounts.now().since(before);
                if (bar == null) {
                    err.println(line(what, last, done, Duration.ofNanos(System.nanoTime() - begun)));
                    last = done;
                } else if (done.tasks() > 0) {
                    bar.maxHint(Math.max(done.tasks(), done.ended())).stepTo(done.ended());
                    bar.setExtraMessage(records(done, Duration.ofNanos(System.nanoTime() - begun)));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * {@code auditing: 30 s, 12 of 40 tasks, 1,234,567 records read, 41,152 a second, at least 70 s left}; nothing of what is
     * left while it grows.
     *
     * @param last as it was when the last line was made
     */
    static String line(String what, Counts last, Counts done, Duration since) {
        long seconds = since.toSeconds();
        StringBuilder line = new StringBuilder("%s: %d s".formatted(what, seconds));
        if (done.tasks() > 0) {
            line.append(", %d of %d tasks".formatted(done.ended(), done.tasks()));
        }
        String records = records(done, since);
        line.append(records.isEmpty() ? "" : ", " + records);
        if (done.ended() > 0 && done.ended() < done.tasks() && last.tasks() == done.tasks()) {
            line.append(", at least %d s left"
                    .formatted(Math.round((double) seconds * (done.tasks() - done.ended()) / done.ended())));
        }
        return line.toString();
    }

    private static String records(Counts done, Duration since) {
        if (done.records() == 0) {
            return "";
        }
        long rate = since.toMillis() == 0 ? done.records() : done.records() * 1000 / since.toMillis();
        return "%,d records read, %,d a second".formatted(done.records(), rate);
    }

    /** After this nothing is shown any more. */
    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (bar != null) {
            bar.close();
        }
    }
}
