package dev.lastgood.problem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects the problems of one run, so that a person sees all of them at once. Not safe for use by several threads.
 */
public final class Problems {

    private static final Comparator<Problem> BY_PLACE = Comparator.comparing(Problem::place, Problems::compare);

    /** Who made so many mistakes wants to see the first of them; and a hostile file must not make millions. */
    static final int MOST = 1000;

    private final Set<Problem> found = new LinkedHashSet<>();
    private boolean more;
    private final Set<Place> concealed = new LinkedHashSet<>();

    public void add(Problem problem) {
        if (found.size() < MOST || found.contains(problem)) {
            found.add(problem);
        } else {
            more = true;
        }
    }

    public void error(@Nullable Place place, String message) {
        error(place, message, null);
    }

    public void error(@Nullable Place place, String message, @Nullable String hint) {
        add(new Problem(place, Level.ERROR, message, hint));
    }

    public void warning(@Nullable Place place, String message) {
        warning(place, message, null);
    }

    public void warning(@Nullable Place place, String message, @Nullable String hint) {
        add(new Problem(place, Level.WARNING, message, hint));
    }

    /**
     * Never show what stands here, whatever problem points at it or quotes it. For secrets written where they must not
     * be.
     */
    public void conceal(Place secret) {
        if (concealed.size() < MOST) {
            concealed.add(secret);
        } else {
            // whoever writes so many secrets gets messages without lines
            concealed.add(new Place(secret.file(), 1, 1, Integer.MAX_VALUE));
        }
    }

    public boolean hasErrors() {
        return more || found.stream().anyMatch(problem -> problem.level() == Level.ERROR);
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** Every problem once, by file, line and column; those without a place first, as they came. At most about 1,000. */
    public List<Problem> list() {
        Map<SourceFile, SourceFile> files = concealedFiles();
        Set<String> secrets = secrets();
        List<Problem> list = new ArrayList<>(found.stream()
                .map(problem -> shown(problem, files, secrets))
                .distinct()
                .sorted(BY_PLACE)
                .toList());
        if (more) {
            list.add(new Problem(null, Level.ERROR, "there are more than %,d problems".formatted(MOST), null));
        }
        return List.copyOf(list);
    }

    /** Does nothing if there are only warnings. */
    public void throwIfErrors() {
        if (hasErrors()) {
            throw new InvalidInput(list());
        }
    }

    private static int compare(@Nullable Place one, @Nullable Place other) {
        if (one == null || other == null) {
            return Boolean.compare(one != null, other != null);
        }
        int byFile = one.file().name().compareTo(other.file().name());
        int byLine = byFile != 0 ? byFile : Integer.compare(one.line(), other.line());
        return byLine != 0 ? byLine : Integer.compare(one.column(), other.column());
    }

    /** Concealed text is replaced one for one, so that every place in the file stays true. */
    private Map<SourceFile, SourceFile> concealedFiles() {
        Map<SourceFile, char[]> texts = new HashMap<>();
        for (Place secret : concealed) {
            char[] text =
                    texts.computeIfAbsent(secret.file(), file -> file.text().toCharArray());
            int start = secret.offset();
            int end = start + secret.source().length();
            for (int i = start; i < end; i++) {
                if (text[i] != '\n' && text[i] != '\r') {
                    text[i] = '*';
                }
            }
        }
        Map<SourceFile, SourceFile> files = new HashMap<>();
        texts.forEach((file, text) -> files.put(file, new SourceFile(file.name(), new String(text))));
        return files;
    }

    private static Problem shown(Problem problem, Map<SourceFile, SourceFile> files, Set<String> secrets) {
        Place place = problem.place();
        SourceFile file = place == null ? null : files.get(place.file());
        Place shown =
                place == null || file == null ? place : new Place(file, place.line(), place.column(), place.length());
        String hint = problem.hint();
        return new Problem(
                shown,
                problem.level(),
                unquoted(problem.message(), secrets),
                hint == null ? null : unquoted(hint, secrets));
    }

    /** A message that quotes what is concealed, with stars in its place. One or two letters tell nothing. */
    private static String unquoted(String text, Set<String> secrets) {
        String shown = text;
        for (String secret : secrets) {
            shown = shown.replace(secret, "***");
        }
        return shown;
    }

    private Set<String> secrets() {
        Set<String> secrets = new LinkedHashSet<>();
        for (Place place : concealed) {
            String bare = place.source().replaceAll("^['\"]|['\"]$", "");
            if (bare.length() > 2) {
                secrets.add(bare);
            }
        }
        return secrets;
    }
}
