package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Rule sets of AWS Glue Data Quality. What a rule means of nulls and at bounds is as in AWS's reference and, where that
 * says nothing, as in Deequ, which is what Glue runs.
 *
 * @see <a href="https://docs.aws.amazon.com/glue/latest/dg/dqdl.html">the reference</a>
 */
final class Dqdl {

    private static final int LONGEST_TITLE = 120;

    private final String dataset;
    private final Options options;
    private final Translation translation;

    private Dqdl(String dataset, Options options, Translation translation) {
        this.dataset = dataset;
        this.options = options;
        this.translation = translation;
    }

    static Optional<Imported> read(SourceFile file, Options options, Problems problems) {
        String dataset = options.dataset();
        if (dataset == null) {
            problems.error(
                    new SourceFile(file.name(), "").start(),
                    "DQDL does not say which dataset it is about",
                    "Name it beside the file.");
            return Optional.empty();
        }
        DqdlParser.Ruleset ruleset = DqdlParser.read(file, problems);
        var translation = new Translation(Format.DQDL, file);
        var dqdl = new Dqdl(dataset, options, translation);
        ruleset.rules().forEach(dqdl::translate);
        ruleset.analyzers()
                .forEach(analyzer -> translation.untranslated(
                        analyzer, title(analyzer), "an analyzer measures and demands nothing"));
        return Optional.of(translation.finish());
    }

    /** Rules joined by {@code and} are rules of their own. */
    private void translate(DqdlRule rule) {
        if (rule instanceof DqdlRule.Single single) {
            single(single);
        } else if (rule instanceof DqdlRule.Composite composite && composite.all()) {
            composite.rules().forEach(this::translate);
        } else {
            either((DqdlRule.Composite) rule);
        }
    }

    private void single(DqdlRule.Single rule) {
        var meaning = DqdlMeaning.of(rule, options);
        if (meaning.objection().isPresent()) {
            untranslated(rule, meaning.objection().get());
            return;
        }
        List<Draft> drafts = new ArrayList<>();
        Origin origin = origin(rule);
        for (Claim claim : meaning.claims()) {
            boolean first = drafts.isEmpty();
            Draft draft = new Draft(first ? origin : origin.part(Integer.toString(drafts.size() + 1)));
            meaning.notes().forEach(draft::note);
            drafts.add(claim.draft(draft).tags(rule.labels()));
        }
        translation.translated(drafts);
    }

    private void untranslated(DqdlRule rule, String why) {
        translation.untranslated(rule.place(), title(rule.place()), why);
    }

    private Origin origin(DqdlRule.Single rule) {
        List<String> words = new ArrayList<>(List.of(dataset));
        if (rule.type().equals("ReferentialIntegrity")) {
            rule.parameters().stream().findFirst().ifPresent(words::add);
        } else if (!rule.type().equals("CustomSql")) {
            words.addAll(rule.parameters());
        }
        words.add(snake(rule.type()));
        return new Origin(rule.place(), dataset, words, title(rule.place()));
    }

    private static String snake(String camel) {
        return camel.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    /** The rule as it stands in the file, if it is not too long. */
    private static String title(Place place) {
        String source = place.source().replaceAll("\\s+", " ");
        return source.length() <= LONGEST_TITLE
                ? source
                : source.substring(0, source.offsetByCodePoints(0, LONGEST_TITLE / 2)) + "…";
    }

    /** One of several rules holds of the dataset as a whole, which is how Glue judges if nobody says otherwise. */
    private void either(DqdlRule.Composite rule) {
        Either either = either(rule, dataset);
        if (either.objection().isPresent()) {
            untranslated(rule, either.objection().get());
            return;
        }
        var origin = new Origin(rule.place(), dataset, List.of(dataset, "either"), title(rule.place()));
        Draft draft = new Draft(origin)
                .note(
                        "Each side is judged over all records, as Glue does unless compositeRuleEvaluation.method is ROW.")
                .holds(either.sql());
        sentence(rule).ifPresent(sql -> draft.note("If it is, write instead: assert: " + sql));
        translation.translated(draft.tags(labels(rule)));
    }

    private static List<String> labels(DqdlRule rule) {
        return rule instanceof DqdlRule.Single single
                ? single.labels()
                : ((DqdlRule.Composite) rule)
                        .rules().stream()
                                .flatMap(side -> labels(side).stream())
                                .distinct()
                                .toList();
    }

    /** SQL about the dataset as a whole, or why there is none. */
    private record Either(String sql, Optional<String> objection) {

        static Either not(String why) {
            return new Either("", Optional.of(why));
        }
    }

    private Either either(DqdlRule rule, String about) {
        if (rule instanceof DqdlRule.Composite composite) {
            List<Either> sides =
                    composite.rules().stream().map(side -> either(side, about)).toList();
            Optional<Either> objected =
                    sides.stream().filter(side -> side.objection().isPresent()).findFirst();
            String sql = sides.stream()
                    .map(side -> "(" + side.sql() + ")")
                    .collect(Collectors.joining(composite.all() ? " and " : " or "));
            return objected.orElseGet(() -> new Either(sql, Optional.empty()));
        }
        var single = (DqdlRule.Single) rule;
        var meaning = DqdlMeaning.of(single, options);
        if (meaning.objection().isPresent()) {
            return Either.not("of one of its sides: " + meaning.objection().get());
        }
        List<Optional<String>> parts =
                meaning.claims().stream().map(Claim::holds).toList();
        return parts.stream().allMatch(Optional::isPresent)
                ? new Either(
                        parts.stream().flatMap(Optional::stream).collect(Collectors.joining(" and ")), Optional.empty())
                : Either.not(
                        "one of its sides, %s, cannot be part of a number about the dataset".formatted(single.type()));
    }

    /** The rule as a sentence about each record, if all its sides are such sentences. */
    private Optional<String> sentence(DqdlRule rule) {
        if (rule instanceof DqdlRule.Composite composite) {
            List<Optional<String>> sides =
                    composite.rules().stream().map(this::sentence).toList();
            return sides.stream().allMatch(Optional::isPresent)
                    ? Optional.of(sides.stream()
                            .flatMap(Optional::stream)
                            .map(side -> "(" + side + ")")
                            .collect(Collectors.joining(composite.all() ? " and " : " or ")))
                    : Optional.empty();
        }
        List<Claim> claims = DqdlMeaning.of((DqdlRule.Single) rule, options).claims();
        return claims.size() == 1 && claims.get(0) instanceof Claim.OfRecords records && records.isSentence()
                ? Optional.of(
                        records.condition().nulls().good(records.condition().sql()))
                : Optional.empty();
    }
}
