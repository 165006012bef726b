package dev.lastgood.trend;

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

    private Usual() {}

    /**
     * Records, the oldest first. They are compared by how they grew from each to the next, so that steady growth is usual.
     *
     * @return the number to be expected, or NaN if there are too few to tell
     */
    static double expected(List<Long> volumes) {
        List<Double> growths = growths(volumes);
        if (growths.size() <= ENOUGH) {
            return Double.NaN;
        }
        double usual = median(growths.subList(0, growths.size() - 1));
        return Math.expm1(Math.log1p(volumes.get(volumes.size() - 2)) + usual);
    }

    /** Whether the last volume stands out, in either direction. False if there are too few to tell. */
    static boolean isOdd(List<Long> volumes) {
        List<Double> growths = growths(volumes);
        if (growths.size() <= ENOUGH) {
            return false;
        }
        List<Double> before = growths.subList(0, growths.size() - 1);
        double usual = median(before);
        double off = Math.abs(growths.get(growths.size() - 1) - usual);
        return off > Math.max(LEAST_SHARE, FAR * TO_SIGMA * deviation(before, usual));
    }

    private static List<Double> growths(List<Long> volumes) {
        List<Double> growths = new ArrayList<>();
        for (int i = 1; i < volumes.size(); i++) {
            growths.add(Math.log1p(volumes.get(i)) - Math.log1p(volumes.get(i - 1)));
        }
        return growths;
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
