package dev.lastgood.outputs;

import dev.lastgood.outputs.Checked.Check;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * A run as workflow commands of GitHub Actions, a line each: what did not pass is pointed out where it is written, and the
 * last line is the verdict. What has no say in the verdict is a warning.
 */
public final class GitHubAnnotations {
    private GitHubAnnotations() {}

    public static List<String> of(Checked checked) {
        List<String> lines = new ArrayList<>();
        for (Check check : checked.checks()) {
            if (check.outcome() != Outcome.PASS) {
                String place = check.file().isEmpty()
                        ? ""
                        : "file=%s,line=%d,".formatted(property(check.file()), Math.max(1, check.line()));
                lines.add("::%s %stitle=%s::%s"
                        .formatted(
                                check.isTrouble() ? "error" : "warning",
                                place,
                                property(check.id()),
                                data(check.said())));
            }
        }
        lines.add("::%s title=%s::%s"
                .formatted(
                        checked.verdict() == Verdict.PASS ? "notice" : "error",
                        property("lastgood " + checked.run().command()),
                        data(checked.verdict().name())));
        return lines;
    }

    /** Escapes as the runner reads them back (actions/toolkit, command.ts). */
    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
