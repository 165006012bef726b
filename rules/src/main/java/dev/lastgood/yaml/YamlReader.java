package dev.lastgood.yaml;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;

/**
 * Reads YAML 1.2 into nodes that know their place. Whatever the text is, it reports problems and does not throw; size,
 * depth and aliases are limited, so that time and memory are bounded by the size of the text.
 */
public final class YamlReader {

    static final int MOST_CHARACTERS = 1_000_000;
    static final int DEEPEST = 50;
    static final int MOST_NODES = 200_000;

    private final SourceFile file;
    private final Problems problems;
    private final Deque<Open> open = new ArrayDeque<>();
    private final Map<Anchor, Sized> anchored = new HashMap<>();
    private @Nullable Sized root;
    private int documents;
    private int nodes;

    private YamlReader(SourceFile file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** The text's one document, if it is valid YAML. A duplicate key is reported, and its first value kept. */
    public static Optional<YamlNode> read(SourceFile file, Problems problems) {
        if (file.text().length() > MOST_CHARACTERS) {
            problems.error(
                    new SourceFile(file.name(), "").start(),
                    "the file has more than %,d characters".formatted(MOST_CHARACTERS),
                    "Split it into several files.");
            return Optional.empty();
        }
        return new YamlReader(file, problems).read();
    }

    private Optional<YamlNode> read() {
        try {
            var settings = LoadSettings.builder()
                    .setLabel(file.name())
                    .setCodePointLimit(Integer.MAX_VALUE)
                    .build();
            Iterator<Event> events =
                    new Parse(settings).parseString(file.text()).iterator();
            while (events.hasNext()) {
                take(events.next());
            }
        } catch (Unreadable e) {
            problems.error(e.place, e.message, e.hint);
            return Optional.empty();
        } catch (MarkedYamlEngineException e) {
            reportSyntax(e);
            return Optional.empty();
        } catch (ReaderException e) {
            int at = file.text().indexOf(e.getCodePoint());
            problems.error(
                    file.place(at < 0 ? 0 : at, 1),
                    "the character U+%04X is not allowed in YAML".formatted(e.getCodePoint()),
                    "Write it as an escape in double quotes, or leave it out.");
            return Optional.empty();
        } catch (RuntimeException e) {
            // a defect of the YAML library, not of ours: the text is not one it can read
            problems.error(file.start(), "not valid YAML: " + e.getMessage());
            return Optional.empty();
        }
        if (root == null) {
            problems.error(file.start(), "nothing is written here");
            return Optional.empty();
        }
        return Optional.of(root.node);
    }

    private void take(Event event) {
        switch (event.getEventId()) {
            case DocumentStart -> {
                documents++;
                if (documents > 1) {
                    throw new Unreadable(place(event), "a second document begins here", "Write one document a file.");
                }
            }
            case Scalar -> scalar((ScalarEvent) event);
            case Alias -> alias((AliasEvent) event);
            case SequenceStart -> open((CollectionStartEvent) event, new OpenSequence());
            case MappingStart -> open((CollectionStartEvent) event, new OpenMapping());
            case SequenceEnd, MappingEnd -> {
                Open closed = open.pop();
                finish(closed.close(event), closed.anchor);
            }
            default -> {}
        }
    }

    private void scalar(ScalarEvent event) {
        Place place = place(event);
        refuseTag(event.getTag(), place);
        var scalar = new YamlNode.Scalar(event.getValue(), event.isPlain(), place);
        finish(new Sized(scalar, 1), event.getAnchor());
    }

    private void alias(AliasEvent event) {
        Sized target = anchored.get(event.getAlias());
        if (target == null) {
            boolean around = open.stream()
                    .anyMatch(
                            node -> node.anchor.filter(event.getAlias()::equals).isPresent());
            throw new Unreadable(
                    place(event),
                    around
                            ? "the alias '%s' stands inside what it names".formatted(event.getAlias())
                            : "no anchor '%s' before this".formatted(event.getAlias()),
                    null);
        }
        finish(target, Optional.empty());
    }

    private void open(CollectionStartEvent event, Open collection) {
        Place place = place(event);
        refuseTag(event.getTag(), place);
        if (open.size() == DEEPEST) {
            throw new Unreadable(place, "nested more than %d deep".formatted(DEEPEST), null);
        }
        collection.place = place;
        collection.anchor = event.getAnchor();
        collection.flow = event.isFlow();
        collection.start = event.getStartMark();
        open.push(collection);
    }

    private void finish(Sized node, Optional<Anchor> anchor) {
        nodes += node.size;
        if (nodes > MOST_NODES) {
            throw new Unreadable(
                    node.node.place(),
                    "more than %,d values".formatted(MOST_NODES),
                    "An alias counts as all it stands for.");
        }
        anchor.ifPresent(name -> anchored.put(name, node));
        Open around = open.peek();
        if (around == null) {
            root = node;
        } else {
            around.add(node);
        }
    }

    private void refuseTag(Optional<String> tag, Place place) {
        if (tag.isPresent()) {
            problems.error(place, "the tag '%s' means nothing here".formatted(tag.get()), "Leave it out.");
        }
    }

    private Place place(Event event) {
        Optional<Mark> start = event.getStartMark();
        int length = start.isEmpty()
                ? 0
                : event.getEndMark()
                        .map(end -> end.getIndex() - start.get().getIndex())
                        .orElse(0);
        return place(start, event instanceof NodeEvent ? length : 0);
    }

    private Place place(Optional<Mark> mark, int length) {
        return mark.map(at -> new Place(file, at.getLine() + 1, at.getColumn() + 1, Math.max(0, length)))
                .orElse(file.start());
    }

    private void reportSyntax(MarkedYamlEngineException e) {
        String problem = String.valueOf(e.getProblem());
        boolean atEnd = problem.contains("end of stream") || problem.contains("<stream end>");
        if (atEnd) {
            problems.error(unclosed(e), "what begins here is not closed before the file ends");
            return;
        }
        Place found = place(e.getProblemMark(), 0);
        String line = file.line(found.line()).orElse("");
        String before = file.text().substring(file.offset(found.line(), 1), found.offset());
        Syntax syntax = Syntax.of(problem, before);
        Place place = switch (syntax.where()) {
            case FOUND -> found;
            case BEGUN -> e.getContextMark().isPresent() ? place(e.getContextMark(), 0) : found;
            case LINE ->
                new Place(
                        file, found.line(), line.length() - line.stripLeading().length() + 1, 0);
        };
        problems.error(place, "not valid YAML: " + syntax.message(), syntax.hint());
    }

    /** The quote in which the file ends, else the innermost bracket. */
    private Place unclosed(MarkedYamlEngineException e) {
        boolean quote = String.valueOf(e.getContext()).contains("scalar");
        Optional<Place> bracket =
                open.stream().filter(node -> node.flow).findFirst().map(node -> node.place);
        return bracket.filter(place -> !quote).orElseGet(() -> place(e.getContextMark(), 1));
    }

    /** A node and how many values it stands for. */
    private record Sized(YamlNode node, int size) {}

    /** A collection whose end has not been seen. */
    private abstract static class Open {
        private Optional<Anchor> anchor = Optional.empty();
        private Optional<Mark> start = Optional.empty();
        private boolean flow;
        private @Nullable Place place;
        private int size = 1;

        abstract void keep(YamlNode node);

        abstract YamlNode node(Place whole);

        void add(Sized child) {
            size += child.size;
            keep(child.node);
        }

        /** A collection in brackets is marked up to its end, another one at its first character. */
        Sized close(Event end) {
            if (place == null) {
                throw new IllegalStateException("closed but never opened");
            }
            int length = flow && start.isPresent()
                    ? end.getEndMark()
                            .map(mark -> mark.getIndex() - start.get().getIndex())
                            .orElse(1)
                    : 1;
            return new Sized(node(new Place(place.file(), place.line(), place.column(), length)), size);
        }
    }

    private static final class OpenSequence extends Open {
        private final List<YamlNode> items = new ArrayList<>();

        @Override
        void keep(YamlNode node) {
            items.add(node);
        }

        @Override
        YamlNode node(Place whole) {
            return new YamlNode.Sequence(items, whole);
        }
    }

    private final class OpenMapping extends Open {
        private final Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        private @Nullable YamlNode key;

        @Override
        void keep(YamlNode node) {
            if (key == null) {
                key = node;
                return;
            }
            entry(key, node);
            key = null;
        }

        private void entry(YamlNode key, YamlNode value) {
            if (!(key instanceof YamlNode.Scalar scalar)) {
                problems.error(key.place(), "a key must be a text, not " + key.kind());
                return;
            }
            if (scalar.plain() && scalar.text().equals("<<")) {
                problems.error(scalar.place(), "'<<' merges nothing in YAML 1.2", "Write the keys out.");
                return;
            }
            YamlNode.Entry first = entries.putIfAbsent(scalar.text(), new YamlNode.Entry(scalar, value));
            if (first != null) {
                problems.error(
                        scalar.place(),
                        "the key '%s' stands twice".formatted(scalar.text()),
                        "It stands first in line %d."
                                .formatted(first.key().place().line()));
            }
        }

        @Override
        YamlNode node(Place whole) {
            return new YamlNode.Mapping(List.copyOf(entries.values()), whole);
        }
    }

    /** Reading cannot go on. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Place place;
        private final String message;
        private final @Nullable String hint;

        Unreadable(Place place, String message, @Nullable String hint) {
            super(message, null, false, false);
            this.place = place;
            this.message = message;
            this.hint = hint;
        }
    }
}
