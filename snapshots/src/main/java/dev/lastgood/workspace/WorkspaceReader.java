package dev.lastgood.workspace;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.rule.Accepted;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.RuleFiles;
import dev.lastgood.rule.RuleSet;
import dev.lastgood.snapshot.Retention;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads {@code lastgood.yaml} and the rule files it names, and checks that all of it goes together. */
public final class WorkspaceReader {

    /** The name of a workspace file where only its folder is given. */
    public static final String FILE_NAME = "lastgood.yaml";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,99}");
    private static final String NAME_HINT =
            "A name has letters, digits, '_' and '-', does not begin with '-', and has at most 100 characters.";
    private static final int LARGEST_FILE = 16 << 20;
    private static final int MOST_RULE_FILES = 1000;

    private final Path file;
    private final Path folder;
    private final Problems problems;
    private final References references;
    private final Locations locations;
    private final Map<Path, SourceFile> filesOfRules = new HashMap<>();

    private WorkspaceReader(Path file, Map<String, String> env, Problems problems) {
        this.file = file;
        Path absolute = file.toAbsolutePath().normalize();
        this.folder = absolute.getParent() == null ? absolute : absolute.getParent();
        this.problems = problems;
        this.references = new References(folder, env, problems);
        this.locations = new Locations(folder, problems);
    }

    /**
     * The workspace, if it could be read at all. Worth using only if no errors were reported.
     *
     * @param file the workspace file, or the folder it lies in
     * @param env variables for <code>${env:NAME}</code>
     */
    public static Optional<Workspace> read(Path file, Map<String, String> env, Problems problems) {
        Path known = Files.isDirectory(file) ? file.resolve(FILE_NAME) : file;
        return new WorkspaceReader(known, env, problems).read();
    }

    private Optional<Workspace> read() {
        Optional<SourceFile> source = sourceFile(file);
        if (source.isEmpty()) {
            return Optional.empty();
        }
        var guard = new SecretGuard(problems);
        guard.concealIn(source.get());
        Optional<YamlNode> root = YamlReader.read(source.get(), problems);
        if (root.isEmpty()) {
            return Optional.empty();
        }
        if (root.get() instanceof YamlNode.Mapping mapping) {
            guard.check(mapping);
        }
        return Fields.of(references.resolved(root.get(), WorkspaceReader::staysRaw), "the workspace", problems)
                .flatMap(top -> workspace(top, source.get()));
    }

    /** Secrets, and what only a writer needs, are resolved by whom they concern. */
    private static boolean staysRaw(List<String> path) {
        if (path.size() == 3 && path.get(0).equals("sources")) {
            String key = path.get(2);
            return key.equals("write") || key.equals("client_id") || SecretGuard.SECRET_KEYS.contains(key);
        }
        return path.equals(List.of("signing", "key")) || path.equals(List.of("hadoop"));
    }

    private Optional<SourceFile> sourceFile(Path path) {
        try {
            return Optional.of(content(path));
        } catch (IOException e) {
            boolean workspace = path.equals(file);
            problems.error(
                    null,
                    "cannot read %s: %s".formatted(path, References.reason(e)),
                    workspace ? "'lastgood init' writes one; or say where it is with --workspace." : null);
            return Optional.empty();
        }
    }

    private static SourceFile content(Path path) throws IOException {
        if (Files.size(path) > LARGEST_FILE) {
            throw new IOException("it has more than %,d bytes".formatted(LARGEST_FILE));
        }
        return new SourceFile(path.toString(), References.decode(Files.readAllBytes(path)));
    }

    private Optional<Workspace> workspace(Fields top, SourceFile source) {
        top.integer("format", 1, 1);
        String name = name(top);
        top.require("store", "sources", "datasets");
        Optional<String> store = top.scalar("store").flatMap(locations::folder);
        Map<String, Secret> hadoop = top.mapping("hadoop")
                .map(settings -> SourceReader.settings(settings, references::secret))
                .orElse(Map.of());
        Map<String, DatasetReader.SourceKind> kinds = new LinkedHashMap<>();
        Map<String, Source> sources = sources(top, kinds);
        Set<String> names = new LinkedHashSet<>();
        Map<String, DatasetSpec> datasets = datasets(top, kinds, names);
        RuleSet rules = RuleFiles.read(ruleFiles(top), this::fileOfRules, problems);
        Retention retention = top.mapping("retention").map(this::retention).orElse(null);
        Due due = top.mapping("due").map(WorkspaceReader::due).orElse(Due.NEVER);
        Signing signing = top.mapping("signing").map(this::signing).orElse(null);
        Approval approval = top.mapping("approval").map(this::approval).orElse(Approval.DEFAULT);
        top.done();
        rules.rules().forEach(rule -> check(rule, names, datasets));
        return store.map(known -> new Workspace(
                name, folder, known, hadoop, sources, datasets, rules, retention, due, signing, approval, source));
    }

    private String name(Fields top) {
        Optional<YamlNode.Scalar> name = top.scalar("workspace");
        if (name.isPresent()) {
            checkName(name.get(), "a workspace");
            return name.get().text();
        }
        Path last = folder.getFileName();
        return last == null ? "workspace" : last.toString();
    }

    private boolean checkName(YamlNode.Scalar name, String of) {
        boolean fits = NAME.matcher(name.text()).matches();
        if (!fits) {
            problems.error(name.place(), "'%s' cannot be the name of %s".formatted(name.shown(), of), NAME_HINT);
        }
        return fits;
    }

    private Map<String, Source> sources(Fields top, Map<String, DatasetReader.SourceKind> kinds) {
        Map<String, Source> sources = new LinkedHashMap<>();
        Optional<Fields> section = top.mapping("sources");
        for (YamlNode.Entry entry : section.map(Fields::entries).orElse(List.of())) {
            String name = entry.key().text();
            kinds.put(name, new DatasetReader.SourceKind("", true));
            if (!checkName(entry.key(), "a source")) {
                continue;
            }
            Optional<Fields> fields = Fields.of(entry.value(), "source '%s'".formatted(name), problems);
            if (fields.isEmpty()) {
                continue;
            }
            List<String> kind =
                    SourceReader.KINDS.stream().filter(fields.get()::has).toList();
            if (kind.size() == 1) {
                kinds.put(
                        name,
                        new DatasetReader.SourceKind(kind.get(0), fields.get().has("write")));
            }
            new SourceReader(name, entry.key().place(), fields.get(), references, locations, problems)
                    .source()
                    .ifPresent(source -> sources.put(name, source));
        }
        if (section.isPresent() && section.get().entries().isEmpty()) {
            problems.error(top.keyPlace("sources"), "'sources' names no source");
        }
        return sources;
    }

    private Map<String, DatasetSpec> datasets(
            Fields top, Map<String, DatasetReader.SourceKind> sources, Set<String> names) {
        Map<String, DatasetSpec> datasets = new LinkedHashMap<>();
        Optional<Fields> section = top.mapping("datasets");
        for (YamlNode.Entry entry : section.map(Fields::entries).orElse(List.of())) {
            String name = entry.key().text();
            names.add(name);
            if (checkName(entry.key(), "a dataset")) {
                Fields.of(entry.value(), "dataset '%s'".formatted(name), problems)
                        .flatMap(fields ->
                                new DatasetReader(name, entry.key().place(), fields, sources, problems).dataset())
                        .ifPresent(dataset -> datasets.put(name, dataset));
            }
        }
        if (section.isPresent() && section.get().entries().isEmpty()) {
            problems.error(top.keyPlace("datasets"), "'datasets' names no dataset");
        }
        return datasets;
    }

    private List<SourceFile> ruleFiles(Fields top) {
        Path written = file.getParent() == null ? Path.of("") : file.getParent();
        Set<Path> files = new LinkedHashSet<>();
        if (top.has("rules")) {
            top.scalars("rules").forEach(pattern -> files.addAll(matching(written, pattern)));
        } else {
            top.ignore("rules");
            files.addAll(defaultRules(written));
        }
        if (files.size() > MOST_RULE_FILES) {
            problems.error(top.keyPlace("rules"), "more than %,d rule files".formatted(MOST_RULE_FILES));
            return List.of();
        }
        List<SourceFile> sources = new ArrayList<>();
        files.forEach(path -> sourceFile(path).ifPresent(sources::add));
        return sources;
    }

    /** A file that a rule names by a path from the folder of the rule's file; if it cannot be read, that is told there. */
    private Optional<SourceFile> fileOfRules(YamlNode.Scalar name) {
        try {
            Path path = Path.of(name.place().file().name())
                    .resolveSibling(name.text())
                    .normalize();
            if (!path.toAbsolutePath().normalize().startsWith(folder)) {
                problems.error(
                        name.place(),
                        "'%s' leads out of the workspace's folder".formatted(name.shown()),
                        "Put the file into the folder, " + folder + ".");
                return Optional.empty();
            }
            SourceFile known = filesOfRules.get(path);
            SourceFile file = known == null ? content(path) : known;
            filesOfRules.put(path, file);
            return Optional.of(file);
        } catch (IOException | InvalidPathException e) {
            problems.error(
                    name.place(),
                    "cannot read the file '%s': %s".formatted(name.shown(), References.reason(e)),
                    "A relative path starts at the folder of the rule file.");
            return Optional.empty();
        }
    }

    private List<Path> defaultRules(Path written) {
        try {
            return FilePatterns.matching(written, "rules/*.yaml");
        } catch (IOException e) {
            problems.error(null, "cannot list the folder rules: %s".formatted(References.reason(e)));
            return List.of();
        }
    }

    private List<Path> matching(Path written, YamlNode.Scalar pattern) {
        try {
            List<Path> files = FilePatterns.matching(written, pattern.text());
            if (files.isEmpty()) {
                problems.error(
                        pattern.place(),
                        "no file matches '%s'".formatted(pattern.shown()),
                        "Patterns start at the workspace's folder, %s.".formatted(folder));
            }
            return files;
        } catch (PatternSyntaxException | InvalidPathException e) {
            problems.error(
                    pattern.place(),
                    "'%s' is no pattern for files".formatted(pattern.shown()),
                    "* stands for any part of a name, ** for any folders, {a,b} for a or b.");
        } catch (IOException e) {
            problems.error(
                    pattern.place(),
                    "cannot list the files of '%s': %s".formatted(pattern.shown(), References.reason(e)));
        }
        return List.of();
    }

    private Retention retention(Fields fields) {
        int keepLast = count(fields, "keep_last", 0);
        int hourly = count(fields, "hourly", 0);
        int daily = count(fields, "daily", 0);
        int weekly = count(fields, "weekly", 0);
        int monthly = count(fields, "monthly", 0);
        int yearly = count(fields, "yearly", 0);
        Duration within = fields.duration("within").orElse(null);
        int minimum = fields.integer("minimum", 1, 100_000).map(Long::intValue).orElse(1);
        boolean known = fields.done();
        boolean keeps = fields.entries().stream()
                .anyMatch(entry -> !entry.key().text().equals("minimum") && !isZero(entry.value()));
        if (known && !keeps) {
            problems.error(
                    fields.place(),
                    "'retention' keeps nothing",
                    "Say what stays, as in {keep_last: 3, daily: 14}; or leave 'retention' out to keep all.");
        }
        return new Retention(keepLast, hourly, daily, weekly, monthly, yearly, within, minimum);
    }

    private static boolean isZero(YamlNode node) {
        return node instanceof YamlNode.Scalar scalar && scalar.text().equals("0");
    }

    private static int count(Fields fields, String key, long least) {
        return fields.integer(key, least, 100_000).map(Long::intValue).orElse(0);
    }

    private static Due due(Fields fields) {
        Optional<Duration> snapshot = fields.duration("snapshot");
        Map<String, Duration> verify = new LinkedHashMap<>();
        fields.mapping("verify", "Write {L2: 7d, L3: 30d}.").ifPresent(levels -> {
            for (String level : List.of("L0", "L1", "L2", "L3", "L4", "L5")) {
                levels.duration(level).ifPresent(time -> verify.put(level, time));
            }
            levels.done();
        });
        fields.done();
        return new Due(snapshot.orElse(null), verify);
    }

    private static List<Signing.Pattern> patterns(Fields fields, String key) {
        return fields.scalars(key).stream()
                .map(scalar -> new Signing.Pattern(scalar.text(), scalar.place()))
                .toList();
    }

    private Signing signing(Fields fields) {
        Signing.@Nullable Key key = fields.scalar("key")
                .filter(SourceReader::isReference)
                .map(scalar -> new Signing.Key(references.lateSecret(scalar), scalar.place()))
                .orElse(null);
        List<Signing.Pattern> trust = patterns(fields, "trust");
        if (trust.isEmpty() && (fields.has("trust") || !fields.has("key"))) {
            problems.error(
                    fields.has("trust") ? fields.keyPlace("trust") : fields.place(),
                    "nobody is trusted",
                    "Name the files with public keys, as in 'trust: [keys/*.pub]', or leave 'signing' out.");
        }
        fields.done();
        return new Signing(key, trust, folder, fields.place());
    }

    private Approval approval(Fields fields) {
        Optional<Approval.By> by = fields.choice("by", Approval.By.class);
        Optional<Duration> expires = fields.duration("expires");
        KeyFiles keys = new KeyFiles(patterns(fields, "keys"), folder);
        if (keys.isEmpty() && fields.has("keys")) {
            problems.error(
                    fields.keyPlace("keys"),
                    "nobody could approve",
                    "Name the files with public keys, as in 'keys: [keys/approvers/*.pub]', or leave 'keys' out.");
        }
        fields.done();
        return new Approval(
                by.orElse(Approval.DEFAULT.by()),
                expires.orElse(Approval.DEFAULT.expires()),
                keys.isEmpty() ? KeyFiles.NONE : keys);
    }

    private void check(Rule rule, Set<String> names, Map<String, DatasetSpec> datasets) {
        checkDataset(rule.dataset(), rule.places().of("dataset"), names);
        for (String other : rule.constraint().reaches()) {
            checkDataset(other, rule.places().of("dataset " + other), names);
        }
        DatasetSpec dataset = datasets.get(rule.dataset());
        if (dataset != null) {
            checkKeys(rule.accepted(), dataset);
        }
        if (dataset != null && rule.isCrossTime() && !dataset.hasKey()) {
            problems.error(
                    rule.place(),
                    "rule '%s' is about before and after, but dataset '%s' has no key"
                            .formatted(rule.id(), dataset.name()),
                    "Without a key nobody knows which record was which before.");
        }
    }

    /** An entry that names other fields than the key's would never fit a record. */
    private void checkKeys(List<Accepted> accepted, DatasetSpec dataset) {
        Set<String> key = new LinkedHashSet<>();
        dataset.key().forEach(path -> key.add(path.toString()));
        for (Accepted entry : accepted) {
            if (key.isEmpty()) {
                problems.error(
                        entry.place(),
                        "dataset '%s' has no key to accept a violation by".formatted(dataset.name()),
                        "Use 'allow' or 'where' instead.");
            } else if (!entry.key().keySet().equals(key)) {
                problems.error(
                        entry.place(),
                        "the key of dataset '%s' is %s, not %s"
                                .formatted(
                                        dataset.name(),
                                        String.join(", ", key),
                                        String.join(", ", entry.key().keySet())));
            }
        }
    }

    private void checkDataset(String name, Place place, Set<String> names) {
        if (names.contains(name)) {
            return;
        }
        String all = names.isEmpty() ? "" : "The datasets are " + String.join(", ", names) + ".";
        String hint = Suggestions.nearest(name, names)
                .map(nearest -> "Did you mean '%s'? %s".formatted(nearest, all))
                .orElse(all);
        problems.error(place, "there is no dataset '%s'".formatted(name), hint.isEmpty() ? null : hint);
    }
}
