package dev.lastgood.demo;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * The lines of an order, kept in one column as JSON. Reads only what the shop writes (flat objects, any order of members
 * and any space between them): a JSON library would be the product's.
 */
record Lines(List<Line> all) {
    private static final Pattern OBJECT = Pattern.compile("\\{([^}]*)}");
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"([^\"]*)\"|([-+.0-9eE]+))");

    Lines {
        all = List.copyOf(all);
    }

    static Lines parse(String json) {
        var lines = new ArrayList<Line>();
        var objects = OBJECT.matcher(json);
        while (objects.find()) {
            lines.add(line(objects.group(1)));
        }
        return new Lines(lines);
    }

    private static Line line(String members) {
        var values = new LinkedHashMap<String, String>();
        var member = MEMBER.matcher(members);
        while (member.find()) {
            values.put(member.group(1), member.group(2) == null ? member.group(3) : member.group(2));
        }
        return new Line(
                Integer.parseInt(values.getOrDefault("line_no", "0")),
                values.getOrDefault("sku", ""),
                Integer.parseInt(values.getOrDefault("qty", "0")),
                new BigDecimal(values.getOrDefault("amount", "0")).setScale(2));
    }

    String json() {
        var json = new StringJoiner(",", "[", "]");
        for (Line line : all) {
            json.add(line.json());
        }
        return json.toString();
    }

    BigDecimal sum() {
        return all.stream().map(Line::amount).reduce(new BigDecimal("0.00"), BigDecimal::add);
    }

    Lines with(Line line) {
        return new Lines(all.stream()
                .map(old -> old.lineNo() == line.lineNo() ? line : old)
                .toList());
    }

    Lines plus(Line line) {
        var more = new ArrayList<>(all);
        more.add(line);
        return new Lines(more);
    }

    Lines without(int lineNo) {
        return new Lines(all.stream().filter(line -> line.lineNo() != lineNo).toList());
    }

    int nextLineNo() {
        return all.stream().mapToInt(Line::lineNo).max().orElse(0) + 1;
    }

    /** What the log and the truth see of it: every value by its path, so that two writers of two lines do not clash. */
    Map<String, String> cells() {
        var cells = new LinkedHashMap<String, String>();
        for (Line line : all) {
            String element = "lines[line_no=" + line.lineNo() + "].";
            cells.put(element + "sku", line.sku());
            cells.put(element + "qty", Integer.toString(line.qty()));
            cells.put(element + "amount", line.amount().toPlainString());
        }
        return cells;
    }
}
