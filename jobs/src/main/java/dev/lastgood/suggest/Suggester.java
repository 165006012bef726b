package dev.lastgood.suggest;

import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Census;
import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.audit.Side;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Lint;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.RuleFiles;
import dev.lastgood.rule.RuleIds;
import dev.lastgood.rule.RuleSet;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.Together;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Learns rules from snapshots that somebody trusts. Profiles and samples nominate; then the rules as they would be written
 * are bound, audited on the snapshots they come from, and tried on damaged samples. What does not pass all of it is not
 * suggested.
 */
public final class Suggester {
    /** Records of a dataset that are damaged; with those they refer to. */
    private static final int DAMAGED = 300;

    /** So many references in a row are followed from the records that are damaged. */
    private static final int MOST_DEPTH = 8;

    private final Auditing auditing;
    private final Map<String, DatasetSpec> datasets;
    private final RuleSet existing;
    private final Map<String, Shape> shapes;

    /**
     * A dataset, and what to learn from.
     *
     * @param records how many its snapshot holds
     * @param earlier snapshots before it, the newest first
     */
    public record Trusted(DatasetSpec dataset, SnapshotId snapshot, long records, Frame frame, List<Frame> earlier) {
        public Trusted {
            earlier = List.copyOf(earlier);
        }
    }

    /**
     * @param datasets of the workspace, by name
     * @param existing its rules, which are not suggested again
     * @param shapes to which rules are bound, by dataset: what is suggested fits them, whatever snapshot it is learned from
     * @param now the time of the audits
     */
    public Suggester(
            SparkSession session,
            Store store,
            Map<String, DatasetSpec> datasets,
            RuleSet existing,
            Map<String, Shape> shapes,
            Instant now) {
        this.shapes = Map.copyOf(shapes);
        this.auditing = new Auditing(session, store, now);
        this.datasets = datasets;
        this.existing = existing;
    }

    /** A suggestion with the rule that it is. */
    private record Candidate(Suggestion suggestion, Rule rule) {}

    /** Learns from all of them together. */
    public Suggestions learn(List<Trusted> trusted) {
        Map<String, Profile> profiles = new LinkedHashMap<>();
        List<String> remarks = new ArrayList<>();
        Map<String, Trusted> sources = new LinkedHashMap<>();
        for (Trusted one : trusted) {
            if (one.records() < Evidence.ENOUGH) {
                remarks.add("snapshot %s of dataset '%s' holds %d %s: fewer than %d teach nothing"
                        .formatted(
                                one.snapshot(),
                                one.dataset().name(),
                                one.records(),
                                one.records() == 1 ? "record" : "records",
                                Evidence.ENOUGH));
            }
            if (one.records() > 0) {
                sources.put(one.dataset().name(), one);
            }
        }
        Together.each(List.copyOf(sources.values()), one -> Profiler.of(one.dataset(), one.frame()))
                .forEach(profile -> profiles.put(profile.name(), profile));
        List<Suggestion> nominated = nominated(profiles, sources);
        List<Candidate> candidates = read(nominated);
        Known known = new Known(existing.rules());
        List<Candidate> open =
                candidates.stream().filter(one -> !known.says(one.rule())).toList();
        List<Candidate> proved = proved(sound(open, sources), sources);
        Map<String, Set<Mutation>> seen = proved.isEmpty() ? Map.of() : trial(profiles, sources, proved);
        List<Suggestions.Entry> entries = proved.stream()
                .filter(one -> seen.containsKey(one.rule().id()))
                .map(one -> new Suggestions.Entry(
                        one.rule(), one.suggestion(), of(seen, one.rule().id()).size()))
                .toList();
        Map<String, Suggestions.Learned> learned = new LinkedHashMap<>();
        profiles.forEach((name, profile) -> learned.put(
                name,
                new Suggestions.Learned(
                        of(sources, name).snapshot(),
                        profile.records(),
                        of(sources, name).dataset().hasKey()
                                ? 1 + of(sources, name).earlier().size()
                                : 1)));
        Suggestions suggestions = new Suggestions(
                entries, learned, candidates.size() - open.size(), open.size() - entries.size(), remarks);
        readBack(suggestions);
        return suggestions;
    }

    /** What is written is what was tried, in a file that can be read. */
    private static void readBack(Suggestions suggestions) {
        Problems problems = new Problems();
        List<String> hashes =
                RuleFiles.read(List.of(new SourceFile("suggestions", suggestions.yaml())), problems).rules().stream()
                        .map(Rule::hash)
                        .toList();
        List<String> written =
                suggestions.entries().stream().map(one -> one.rule().hash()).toList();
        if (problems.hasErrors() || !hashes.equals(written)) {
            throw InvalidInput.of(
                    "%d rules do not fit into one file".formatted(written.size()),
                    "Learn of fewer datasets at once, by --dataset.");
        }
    }

    // ---- what may be worth saying

    private List<Suggestion> nominated(Map<String, Profile> profiles, Map<String, Trusted> sources) {
        List<Suggestion> all = new ArrayList<>();
        Map<String, List<Field>> unique = new HashMap<>();
        Map<String, List<Suggestion>> keys = new HashMap<>();
        profiles.forEach((name, profile) -> {
            List<Suggestion> own = KeySuggestions.of(profile);
            keys.put(name, own);
            unique.put(name, KeySuggestions.alone(profile));
        });
        List<Suggestion> references = References.of(profiles, unique);
        profiles.forEach((name, profile) -> {
            Trusted source = of(sources, name);
            all.addAll(of(keys, name));
            all.addAll(FieldSuggestions.of(profile, auditing.now()));
            all.addAll(
                    Dependencies.of(profile, (by, candidates) -> Profiler.determined(source.frame(), by, candidates)));
            references.stream().filter(one -> one.dataset().equals(name)).forEach(all::add);
            changes(source).ifPresent(changes -> all.addAll(changes.suggestions(profile)));
        });
        return all;
    }

    private static Optional<Changes> changes(Trusted source) {
        if (!source.dataset().hasKey()) {
            return Optional.empty();
        }
        return Stream.iterate(0, i -> i < source.earlier().size(), i -> i + 1)
                .map(i -> aligned(source, i))
                .map(sides -> Changes.between(source.dataset(), sides.before(), sides.after()))
                .reduce(Changes::plus);
    }

    /** A snapshot and the one before it, as far as they have the same fields. */
    private static SchemaChange.Aligned aligned(Trusted source, int back) {
        Frame after = back == 0 ? source.frame() : source.earlier().get(back - 1);
        return SchemaChange.align(source.dataset(), source.earlier().get(back), after);
    }

    // ---- as rules

    /** As they will be read. */
    private List<Candidate> read(List<Suggestion> suggestions) {
        RuleIds ids = new RuleIds(existing.rules().stream().map(Rule::id).toList());
        List<Candidate> candidates = new ArrayList<>();
        for (Suggestion suggestion : suggestions) {
            String text = "rules:\n" + suggestion.yaml(ids.next(suggestion.words()), List.of());
            Problems problems = new Problems();
            List<Rule> rules = RuleFiles.read(List.of(new SourceFile("suggestion", text)), problems)
                    .rules();
            if (rules.size() != 1 || problems.hasErrors()) {
                throw new IllegalStateException("a suggestion cannot be read: " + text + problems.list());
            }
            candidates.add(new Candidate(suggestion, rules.get(0)));
        }
        return candidates;
    }

    /** Those of which {@code rules check} says nothing. */
    private List<Candidate> sound(List<Candidate> candidates, Map<String, Trusted> sources) {
        // What rules say twice, or exclude, they say of one dataset.
        Map<String, List<Rule>> taken = new HashMap<>();
        existing.rules()
                .forEach(rule -> taken.computeIfAbsent(rule.dataset(), any -> new ArrayList<>())
                        .add(rule));
        List<Candidate> sound = new ArrayList<>();
        for (Candidate candidate : candidates) {
            Rule rule = candidate.rule();
            List<Rule> near = taken.computeIfAbsent(rule.dataset(), any -> new ArrayList<>());
            int told = lint(near).size();
            near.add(rule);
            boolean fits = fits(rule, shapes(frames(sources))) && fits(rule, shapes);
            if (fits && lint(near).size() == told) {
                sound.add(candidate);
            } else {
                near.remove(rule);
            }
        }
        return sound;
    }

    private boolean fits(Rule rule, Map<String, Shape> to) {
        Problems problems = new Problems();
        RuleCompiler compiler = new RuleCompiler(datasets, to, auditing.now(), problems);
        compiler.compile(List.of(rule));
        return problems.list().isEmpty() && compiler.remarks().isEmpty();
    }

    private static List<Problem> lint(List<Rule> rules) {
        Problems problems = new Problems();
        Lint.check(rules, problems);
        return problems.list();
    }

    private static Map<String, Frame> frames(Map<String, Trusted> sources) {
        Map<String, Frame> frames = new LinkedHashMap<>();
        sources.forEach((name, source) -> frames.put(name, source.frame()));
        return frames;
    }

    private static Map<String, Shape> shapes(Map<String, Frame> frames) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        frames.forEach((name, frame) -> shapes.put(name, frame.shape()));
        return shapes;
    }

    private RuleCompiler compiler(Map<String, Frame> frames, Problems problems) {
        return new RuleCompiler(datasets, shapes(frames), auditing.now(), problems);
    }

    // ---- on the snapshots they come from

    /** Those that pass: on the newest, and across time on every two in a row. */
    private List<Candidate> proved(List<Candidate> candidates, Map<String, Trusted> sources) {
        List<Candidate> across =
                candidates.stream().filter(one -> one.rule().isCrossTime()).toList();
        List<Candidate> alone =
                candidates.stream().filter(one -> !one.rule().isCrossTime()).toList();
        List<Auditor.RuleTally> tallies = Census.of(
                auditing.session(),
                datasets,
                frames(sources),
                compiler(frames(sources), new Problems()).compile(rules(alone)),
                auditing.now());
        Map<String, Long> examined = new HashMap<>();
        tallies.forEach(tally -> examined.put(tally.rule().id(), tally.examined()));
        Set<String> passed = new HashSet<>(passed(tallies));
        passed.addAll(provedAcross(across, sources));
        // Few records may take part in what many have: a witness is only who does.
        return candidates.stream()
                .filter(one -> passed.contains(one.rule().id()))
                .map(one -> new Candidate(
                        one.suggestion()
                                .examined(examined.getOrDefault(one.rule().id(), Long.MAX_VALUE)),
                        one.rule()))
                .filter(one -> one.suggestion().evidence().witnesses() >= Evidence.ENOUGH)
                .toList();
    }

    private Set<String> provedAcross(List<Candidate> candidates, Map<String, Trusted> sources) {
        List<Rule> left = rules(candidates);
        for (int back = 0; !left.isEmpty(); back++) {
            Map<String, Frame> frames = new LinkedHashMap<>();
            List<Side> sides = new ArrayList<>();
            for (Rule rule : left) {
                Trusted source = of(sources, rule.dataset());
                if (back < source.earlier().size() && !frames.containsKey(rule.dataset())) {
                    SchemaChange.Aligned aligned = aligned(source, back);
                    frames.put(rule.dataset(), aligned.after());
                    sides.add(new Side(source.dataset(), aligned.after(), aligned.before(), null, 0));
                }
            }
            if (sides.isEmpty()) {
                break;
            }
            List<Rule> asked = left.stream()
                    .filter(rule -> frames.containsKey(rule.dataset()))
                    .toList();
            List<CompiledRule> compiled = compiler(frames, new Problems()).compile(asked);
            Set<String> passed = auditing.audit(sides, compiled, findings -> passed(findings.rules()));
            left = left.stream()
                    .filter(rule -> !asked.contains(rule) || passed.contains(rule.id()))
                    .toList();
        }
        return left.stream().map(Rule::id).collect(Collectors.toSet());
    }

    private static List<Rule> rules(List<Candidate> candidates) {
        return candidates.stream().map(Candidate::rule).toList();
    }

    private static Set<String> passed(List<Auditor.RuleTally> tallies) {
        return tallies.stream()
                .map(tally -> RuleOutcome.of(tally, RuleOutcome.Counting.ALL))
                .filter(outcome -> outcome.outcome() == Outcome.PASS)
                .map(outcome -> outcome.rule().id())
                .collect(Collectors.toSet());
    }

    // ---- on what is damaged

    private Map<String, Set<Mutation>> trial(
            Map<String, Profile> profiles, Map<String, Trusted> sources, List<Candidate> proved) {
        List<Rule> rules = rules(proved);
        Map<String, Set<Image>> samples = new LinkedHashMap<>();
        profiles.forEach((name, profile) -> samples.put(
                name, profile.sample().stream().limit(DAMAGED).collect(Collectors.toCollection(LinkedHashSet::new))));
        parents(rules, profiles, sources, samples);
        Collection<Profile> sampled = profiles.values().stream()
                .map(profile -> new Profile(
                        profile.dataset(),
                        profile.view(),
                        profile.counts(),
                        profile.absent(),
                        profile.fields(),
                        List.copyOf(samples.getOrDefault(profile.name(), Set.of()))))
                .toList();
        return new Trial(auditing.session(), auditing.now(), datasets, sampled).seen(rules);
    }

    /** Adds the records that those of a sample refer to, so that none of them is an orphan; and those these refer to. */
    private void parents(
            List<Rule> rules,
            Map<String, Profile> profiles,
            Map<String, Trusted> sources,
            Map<String, Set<Image>> samples) {
        Set<String> grown = samples.keySet();
        for (int depth = 0; depth < MOST_DEPTH && !grown.isEmpty(); depth++) {
            Set<String> grows = new HashSet<>();
            for (Rule rule : rules) {
                if (rule.constraint() instanceof Constraint.Reference reference && grown.contains(rule.dataset())) {
                    Dataset<Row> tuples = tuples(reference, of(profiles, rule.dataset()), of(samples, rule.dataset()));
                    boolean more = of(samples, reference.to())
                            .addAll(Profiler.among(of(sources, reference.to()).frame(), reference.key(), tuples));
                    if (more) {
                        grows.add(reference.to());
                    }
                }
            }
            grown = grows;
        }
    }

    private static <T> T of(Map<String, T> byDataset, String dataset) {
        return Optional.ofNullable(byDataset.get(dataset)).orElseThrow();
    }

    /** What the records name, as the key of those they name; a column a part of it. */
    private Dataset<Row> tuples(Constraint.Reference reference, Profile child, Collection<Image> records) {
        List<Field> from =
                reference.fields().stream().map(path -> field(child, path)).toList();
        StructType type = new StructType();
        for (Field field : from) {
            type = type.add("_" + type.size(), field.type());
        }
        Set<Row> tuples = new LinkedHashSet<>();
        for (Image record : records) {
            List<List<Value>> values =
                    from.stream().map(field -> Within.values(record, field)).toList();
            int elements = from.stream().allMatch(field -> field.of().isRecords())
                    ? 1
                    : values.get(from.size() - 1).size();
            for (int i = 0; i < elements; i++) {
                Map<String, Value> tuple = new LinkedHashMap<>();
                for (int part = 0; part < from.size(); part++) {
                    tuple.put(
                            "_" + part, values.get(part).get(from.get(part).of().isRecords() ? 0 : i));
                }
                tuples.add(Rows.row(Image.of(tuple), type));
            }
        }
        return auditing.session().createDataFrame(List.copyOf(tuples), type);
    }

    private static Field field(Profile profile, FieldPath whole) {
        return profile.fields().stream()
                .map(FieldProfile::field)
                .filter(field -> field.whole().equals(whole))
                .findFirst()
                .orElseThrow();
    }
}
