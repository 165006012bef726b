package dev.lastgood.trend;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the last value of a series stands out from those before it, by median and median absolute deviation: a few odd days
 * do not move them, and no shape of the values is taken for granted (Leys et al. 2013, Journal of Experimental Social
 * Psychology 49).
 */
final class Usual {
    /** Fewer before the last one say nothing. */
    static final int ENOUGH = 6;

    /** By so many deviations, at least, is unusual. */
    private static final double FAR = 5;

    /** From the median absolute deviation to the standard deviation of a normal distribution. */
    private static final double TO_SIGMA = 1.4826;

    /** A volume that moves by less than this share does not stand out, however steady it was. */
    private static final double LEAST_SHARE = 0.02;

    /** Nor one that is off by fewer records, unless none is left. */
    private static final double LEAST_RECORDS = 10;

    private Usual() {}

    /** How many records there were. */
    record Volume(Instant at, long records) {}

    /**
     * What the last volume is to be compared with.
     *
     * @param expected the number to be expected, or NaN if there are too few to tell
     * @param isOdd whether the last volume stands out, in either direction; false if there are too few to tell
     */
    record Level(double expected, boolean isOdd) {}

    /**
     * The volumes, the oldest first, are compared by how they grew from each to the next in the time between, so that steady
     * growth is usual, and so is more of it after a longer time. One that stands out does not become the level that the next
     * is compared with: it goes on standing out until the level is back, or the series begins with the new one.
     */
    static Level level(List<Volume> volumes) {
        double unit = unit(volumes);
        List<Double> growths = new ArrayList<>();
        Level level = new Level(Double.NaN, false);
        Volume good = volumes.get(0);
        for (int i = 1; i < volumes.size(); i++) {
            Volume one = volumes.get(i);
            level = growths.size() < ENOUGH
                    ? new Level(Double.NaN, false)
                    : level(growths, good, one, span(good, one, unit));
            if (!level.isOdd()) {
                good = one;
            }
            Volume before = volumes.get(i - 1);
            growths.add(growth(before, one) / span(before, one, unit));
        }
        return level;
    }

    private static Level level(List<Double> growths, Volume good, Volume last, double span) {
        double usual = median(growths);
        double expected = Math.expm1(Math.log1p((double) good.records()) + usual * span);
        double off = Math.abs(growth(good, last) - usual * span);
        double far = Math.max(LEAST_SHARE, FAR * TO_SIGMA * deviation(growths, usual) * Math.sqrt(span));
        boolean many = Math.abs((double) last.records() - expected) >= LEAST_RECORDS;
        boolean gone = last.records() == 0 && good.records() > 0;
        return new Level(expected, off > far && (many || gone));
    }

    /** The usual time between two, in milliseconds. */
    private static double unit(List<Volume> volumes) {
        List<Double> times = new ArrayList<>();
        for (int i = 1; i < volumes.size(); i++) {
            times.add((double)
                    Duration.between(volumes.get(i - 1).at(), volumes.get(i).at())
                            .toMillis());
        }
        return times.isEmpty() ? 1 : Math.max(1, median(times));
    }

    /** The time between two in units; one more that was made in between is no reason to expect less of it. */
    private static double span(Volume from, Volume to, double unit) {
        return Math.max(1, (double) Duration.between(from.at(), to.at()).toMillis() / unit);
    }

    private static double growth(Volume from, Volume to) {
        return Math.log1p((double) to.records()) - Math.log1p((double) from.records());
    }

    /**
     * Whether the last share of broken records is higher than chance and what is usual allow. That it is lower is good.
     *
     * @param examined by the last audit
     */
    static boolean isHigh(List<Double> rates, long examined) {
        if (rates.size() <= ENOUGH || examined == 0) {
            return false;
        }
        List<Double> before = rates.subList(0, rates.size() - 1);
        double usual = median(before);
        // What chance alone makes of a share in so many records; of none at all, one record.
        double chance = Math.max(Math.sqrt(usual * (1 - usual) / examined), 1.0 / examined);
        double sigma = Math.max(TO_SIGMA * deviation(before, usual), chance);
        return rates.get(rates.size() - 1) - usual > FAR * sigma;
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    private static double deviation(List<Double> values, double median) {
        return median(values.stream().map(value -> Math.abs(value - median)).toList());
    }
}
