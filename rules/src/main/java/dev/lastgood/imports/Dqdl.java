package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.util.ArrayList;
import java.util.List;
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
        ruleset.rules().stream().flatMap(rule -> rule.parts().stream()).forEach(dqdl::translate);
        ruleset.analyzers()
                .forEach(analyzer -> translation.untranslated(
                        analyzer, title(analyzer), "an analyzer measures and demands nothing"));
        return Optional.of(translation.finish());
    }

    private void translate(DqdlRule rule) {
        Outcome outcome = rule.accept(new Rules());
        outcome.objection()
                .ifPresentOrElse(
                        why -> translation.untranslated(rule.place(), title(rule.place()), why),
                        () -> translation.translated(outcome.drafts()));
    }

    /** What becomes of a rule: rules of ours, or a reason why none. */
    private record Outcome(List<Draft> drafts, Optional<String> objection) {

        static Outcome not(String why) {
            return new Outcome(List.of(), Optional.of(why));
        }
    }

    private final class Rules implements DqdlRule.Visitor<Outcome> {

        @Override
        public Outcome single(DqdlRule.Single rule) {
            var meaning = DqdlMeaning.of(rule, options);
            return meaning.objection().isPresent()
                    ? Outcome.not(meaning.objection().get())
                    : new Outcome(drafts(rule, meaning), Optional.empty());
        }

        /** One of several holds of the dataset as a whole, which is how Glue judges if nobody says otherwise. */
        @Override
        public Outcome composite(DqdlRule.Composite rule) {
            Whole whole = rule.accept(new OfWhole());
            if (whole.objection().isPresent()) {
                return Outcome.not(whole.objection().get());
            }
            var origin = new Origin(rule.place(), dataset, List.of(dataset, "either"), title(rule.place()));
            Draft draft = new Draft(origin)
                    .note(
                            "Each side is judged over all records, as Glue does unless compositeRuleEvaluation.method is ROW.")
                    .holds(whole.sql())
                    .tags(rule.labels());
            rule.accept(new OfRecord()).ifPresent(sql -> draft.note("If it is, write instead: assert: " + sql));
            return new Outcome(List.of(draft), Optional.empty());
        }
    }

    private List<Draft> drafts(DqdlRule.Single rule, DqdlMeaning meaning) {
        List<Draft> drafts = new ArrayList<>();
        Origin origin = origin(rule);
        for (Claim claim : meaning.claims()) {
            Origin own = drafts.isEmpty() ? origin : origin.part(Integer.toString(drafts.size() + 1));
            Draft draft = new Draft(own);
            meaning.notes().forEach(draft::note);
            drafts.add(claim.draft(draft).tags(rule.labels()));
        }
        return drafts;
    }

    private Origin origin(DqdlRule.Single rule) {
        List<String> words = new ArrayList<>(List.of(dataset));
        words.addAll(
                switch (rule.type()) {
                    case "CustomSql" -> List.<String>of();
                    case "ReferentialIntegrity" ->
                        rule.parameters().stream().limit(1).toList();
                    default -> rule.parameters();
                });
        words.add(Origin.snake(rule.type()));
        return new Origin(rule.place(), dataset, words, title(rule.place()));
    }

    /** The rule as it stands in the file, if it is not too long. */
    private static String title(Place place) {
        String source = place.source().replaceAll("\\s+", " ");
        return source.codePointCount(0, source.length()) <= LONGEST_TITLE
                ? source
                : source.substring(0, source.offsetByCodePoints(0, LONGEST_TITLE)) + "…";
    }

    private static String joined(DqdlRule.Composite rule, List<String> sides) {
        return sides.stream().map(side -> "(" + side + ")").collect(Collectors.joining(rule.all() ? " and " : " or "));
    }

    /** SQL about a dataset as a whole, or why there is none. */
    private record Whole(String sql, Optional<String> objection) {

        static Whole not(String why) {
            return new Whole("", Optional.of(why));
        }
    }

    /** A rule as SQL about the dataset as a whole. */
    private final class OfWhole implements DqdlRule.Visitor<Whole> {

        @Override
        public Whole single(DqdlRule.Single rule) {
            var meaning = DqdlMeaning.of(rule, options);
            if (meaning.objection().isPresent()) {
                return Whole.not("of one of its sides: " + meaning.objection().get());
            }
            List<String> parts = meaning.claims().stream()
                    .flatMap(claim -> claim.holds().stream())
                    .toList();
            return parts.size() == meaning.claims().size()
                    ? new Whole(String.join(" and ", parts), Optional.empty())
                    : Whole.not("one of its sides, %s, cannot be part of a number about the dataset"
                            .formatted(rule.type()));
        }

        @Override
        public Whole composite(DqdlRule.Composite rule) {
            List<Whole> sides =
                    rule.rules().stream().map(side -> side.accept(this)).toList();
            return sides.stream()
                    .filter(side -> side.objection().isPresent())
                    .findFirst()
                    .orElseGet(() -> new Whole(
                            joined(rule, sides.stream().map(Whole::sql).toList()), Optional.empty()));
        }
    }

    /** A rule as a sentence about each record, if it and all its sides are such sentences. */
    private final class OfRecord implements DqdlRule.Visitor<Optional<String>> {

        @Override
        public Optional<String> single(DqdlRule.Single rule) {
            List<Claim> claims = DqdlMeaning.of(rule, options).claims();
            return claims.size() == 1 ? claims.get(0).sentence() : Optional.empty();
        }

        @Override
        public Optional<String> composite(DqdlRule.Composite rule) {
            List<String> sides = rule.rules().stream()
                    .flatMap(side -> side.accept(this).stream())
                    .toList();
            return sides.size() == rule.rules().size() ? Optional.of(joined(rule, sides)) : Optional.empty();
        }
    }
}
