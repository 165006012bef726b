package dev.lastgood.incident.scenario;

import java.math.BigDecimal;
import java.util.List;
import java.util.random.RandomGenerator;

/** Made up values. */
final class Made {
    private Made() {}

    private static final List<String> FIRST_NAMES =
            List.of("Ann", "Ben", "Chen", "Dora", "Emil", "Fatma", "Goran", "Hana", "Ivo", "Jin", "Kofi", "Lena");
    private static final List<String> LAST_NAMES =
            List.of("Berg", "Costa", "Dahl", "Eriksen", "Fischer", "Gupta", "Hansen", "Ito", "Jensen", "Kaya", "Lund");
    private static final List<String> WORDS = List.of(
            "call back", "paid by card", "leave at the door", "second try", "gift", "ask for Jo", "fragile", "agreed");

    static String one(List<String> of, RandomGenerator random) {
        return of.get(random.nextInt(of.size()));
    }

    static boolean chance(double of, RandomGenerator random) {
        return random.nextDouble() < of;
    }

    static BigDecimal money(double from, double to, RandomGenerator random) {
        return BigDecimal.valueOf(random.nextLong(Math.round(from * 100), Math.round(to * 100)), 2);
    }

    /** That many times as much, to the cent. */
    static BigDecimal times(BigDecimal amount, long factor) {
        return amount.multiply(BigDecimal.valueOf(factor));
    }

    static String firstName(RandomGenerator random) {
        return one(FIRST_NAMES, random);
    }

    static String lastName(RandomGenerator random) {
        return one(LAST_NAMES, random);
    }

    static String email(RandomGenerator random) {
        return "%s.%s%d@example.com".formatted(firstName(random), lastName(random), random.nextInt(1000));
    }

    static String note(RandomGenerator random) {
        return one(WORDS, random) + ", " + random.nextInt(10_000);
    }

    static String digits(int count, RandomGenerator random) {
        StringBuilder digits = new StringBuilder().append(1 + random.nextInt(9));
        while (digits.length() < count) {
            digits.append(random.nextInt(10));
        }
        return digits.toString();
    }
}
