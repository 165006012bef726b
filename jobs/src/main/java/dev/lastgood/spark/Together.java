package dev.lastgood.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Independent jobs side by side on a few threads, so that one is planned while another runs. Results come in the order in
 * which the work was given; the first failure in that order is thrown as it is. Closing waits until nothing runs any more:
 * what has begun ends, what has not never does.
 */
public final class Together implements AutoCloseable {
    /** More would compete for the same cores. */
    private static final int THREADS = 3;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, work -> {
        Thread thread = new Thread(work, "lastgood-together");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Future<?>> begun = new ArrayList<>();

    /** What of each item the function makes, in the order of the items. */
    public static <T, R> List<R> each(List<T> items, Function<T, R> work) {
        try (Together together = new Together()) {
            List<Supplier<R>> results = new ArrayList<>();
            for (T item : items) {
                results.add(together.start(() -> work.apply(item)));
            }
            return all(results);
        }
    }

    /** The results of all, in their order. */
    public static <R> List<R> all(List<Supplier<R>> results) {
        List<R> all = new ArrayList<>();
        results.forEach(result -> all.add(result.get()));
        return all;
    }

    /** Starts a piece of work. Asking for its result waits for it. */
    public <R> Supplier<R> start(Supplier<R> work) {
        Future<R> future = threads.submit(work::get);
        begun.add(future);
        return () -> result(future);
    }

    private static <R> R result(Future<R> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for work that was begun");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        begun.forEach(future -> future.cancel(false));
        threads.shutdown();
        boolean interrupted = false;
        while (true) {
            try {
                if (threads.awaitTermination(1, TimeUnit.DAYS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
                threads.shutdownNow();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
