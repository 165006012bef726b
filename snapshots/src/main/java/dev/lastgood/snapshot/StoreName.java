package dev.lastgood.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names of files in a store: segments of letters, digits and {@code . _ - % =}, joined by {@code /}. No segment is empty,
 * {@code .} or {@code ..}, so a name never leaves its folder, and there is no colon, which ABFS refuses in a rename.
 */
public final class StoreName {
    private StoreName() {}

    private static final String SEGMENT = "\\.?[A-Za-z0-9_%=-][A-Za-z0-9._%=-]*+";
    private static final Pattern NAME = Pattern.compile(SEGMENT + "(?:/" + SEGMENT + ")*+");
    private static final int LONGEST = 1024;

    public static boolean isName(String text) {
        return text.length() <= LONGEST && NAME.matcher(text).matches();
    }

    /** The name itself. Throws {@link IllegalArgumentException} if it is none. */
    public static String checked(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("not a name in a store: " + name);
        }
        return name;
    }

    /**
     * Any text, such as the name of a dataset, as one segment: other characters than letters, digits, {@code _} and
     * {@code -} percent-encoded as UTF-8, and so is a dot. Different texts give different segments.
     */
    public static String segment(String text) {
        StringBuilder segment = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '-');
            segment.append(
                    plain
                            ? String.valueOf(c)
                            : "%" + HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return segment.toString();
    }
}
