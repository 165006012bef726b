package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.Differ;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Store;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation is worth something if it finds mistakes: each of these, planted in a seam, is caught. */
final class MistakesTest {
    private static final int SCHEDULES = 3000;

    /** What could be done wrong. */
    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    enum Mistake {
        WRITES_WITHOUT_A_GUARD(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        return super.one(unguarded(change));
                    }

                    @Override
                    Map<Key, Written> together(List<Change> changes) {
                        return super.together(
                                changes.stream().map(this::unguarded).toList());
                    }

                    private Change unguarded(Change change) {
                        Seen now = world.see(change.key());
                        return now.absent() && change.desired() == null
                                ? change
                                : new Change(change.key(), now, change.desired(), change.fields());
                    }
                };
            }
        }),
        PUTS_BACK_WHOLE_RECORDS(seed -> replanned(seed, step -> {
            Image live = step.bad();
            Image good = step.good();
            return live == null || good == null ? step : step(step, live, Differ.units(live, good, World.COMPARISON));
        })),
        FORCES_OVER_CONFLICTS(seed -> new Schedule(seed) {
            @Override
            Run carried(Run run) {
                return withSteps(run, step -> {
                    Image live = world.image(step.key());
                    return live == null || step.bad() == null || step.good() == null
                            ? step
                            : step(step, live, step.fields());
                });
            }
        }),
        MERGES_TWO_WAY(seed -> new Schedule(seed) {
            @Override
            List<Candidate> considered(List<Candidate> candidates) {
                return candidates.stream()
                        .map(old -> new Candidate(
                                old.dataset(),
                                old.key(),
                                old.accusations(),
                                new Candidate.Named.Fields(Scene.paths(
                                        "a", "b", "qty", "price", "total", "address.zip", "lines[].amount")),
                                old.history(),
                                old.live()))
                        .toList();
            }
        }),
        REINSERTS_WHENEVER_ABSENT(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Seen see(Key key) {
                        Seen seen = super.see(key);
                        return seen.absent() ? new Seen(null, "gone") : seen;
                    }

                    @Override
                    Written one(Change change) {
                        return super.one(anyTombstone(change));
                    }

                    @Override
                    Map<Key, Written> together(List<Change> changes) {
                        return super.together(
                                changes.stream().map(this::anyTombstone).toList());
                    }

                    private Change anyTombstone(Change change) {
                        Seen now = world.see(change.key());
                        return change.seen().absent() && now.absent()
                                ? new Change(change.key(), now, change.desired(), change.fields())
                                : change;
                    }
                };
            }

            @Override
            Run carried(Run run) {
                return withSteps(run, step -> step.action() == Action.INSERT ? guarded(step, "gone") : step);
            }
        }),
        UNDOES_BY_OVERWRITING(seed -> new Schedule(seed) {
            @Override
            Run undo(PlanFiles.Stored stored, Journal journal) {
                return withSteps(super.undo(stored, journal), step -> {
                    Image live = world.image(step.key());
                    return live == null || step.bad() == null || step.good() == null
                            ? step
                            : step(step, live, step.fields());
                });
            }
        }),
        TAKES_THE_PRE_IMAGE_FROM_AN_EARLIER_READING(seed -> new Schedule(seed) {
            private final Map<Key, Seen> firstSeen = new HashMap<>();

            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Seen see(Key key) {
                        Seen now = super.see(key);
                        Seen first = firstSeen.putIfAbsent(key, now);
                        return first == null || first.absent() || now.absent()
                                ? now
                                : new Seen(first.image(), now.token());
                    }
                };
            }
        }),
        JOURNALS_AFTER_THE_WRITE(seed -> new Schedule(seed) {
            private @Nullable String heldName;
            private byte[] held = new byte[0];

            @Override
            Store store() {
                return new TroubledStore() {
                    @Override
                    public Published publish(String name, byte[] bytes) {
                        String before = heldName;
                        if (before != null) {
                            disk.publish(before, held);
                        }
                        heldName = name;
                        held = bytes;
                        return new Published.Won();
                    }
                };
            }
        }),
        FORGETS_OPEN_INTENTS(seed -> new Schedule(seed) {
            @Override
            Applier applier(Run run, String name) {
                List<String> segments = disk.list("runs/" + run.id() + "/journal");
                if (!segments.isEmpty()) {
                    disk.delete("runs/" + run.id() + "/journal/" + segments.get(segments.size() - 1));
                }
                return super.applier(run, name);
            }
        }),
        LETS_TWO_APPLIERS_PUBLISH_THE_SAME_SEGMENT(seed -> new Schedule(seed) {
            @Override
            Store store() {
                return new TroubledStore() {
                    @Override
                    public Published publish(String name, byte[] bytes) {
                        disk.delete(name);
                        return super.publish(name, bytes);
                    }
                };
            }
        }),
        TAKES_A_LOST_ANSWER_FOR_A_REFUSAL(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        return definite(super.one(change));
                    }

                    @Override
                    Map<Key, Written> together(List<Change> changes) {
                        Map<Key, Written> answers = new LinkedHashMap<>(super.together(changes));
                        answers.replaceAll((key, answer) -> definite(answer));
                        return answers;
                    }

                    private Written definite(Written answer) {
                        return answer instanceof Written.Unknown unknown
                                ? new Written.Refused(unknown.cause())
                                : answer;
                    }
                };
            }
        }),
        TAKES_A_LOST_ANSWER_FOR_A_SUCCESS(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        Written answer = super.one(change);
                        return answer instanceof Written.Unknown ? new Written.Done("") : answer;
                    }
                };
            }
        }),
        RETRIES_ON_ITS_OWN_WHEN_THE_GUARD_FAILS(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        Written answer = super.one(change);
                        Seen now = world.see(change.key());
                        return answer instanceof Written.Refused && !now.absent()
                                ? land(new Change(change.key(), now, change.desired(), change.fields()))
                                : answer;
                    }
                };
            }
        }),
        COMPARES_TOO_LOOSELY(seed -> new Schedule(seed) {
            @Override
            Policy policy(Policy policy) {
                Comparison.Builder loose = Comparison.builder().keyed(FieldPath.of("lines"), List.of("no"));
                for (String field : List.of("a", "b", "qty", "price", "total", "address.zip")) {
                    loose.rel(FieldPath.valueOf(field), java.math.BigDecimal.TEN);
                }
                return policy.comparing(loose.build());
            }
        }),
        WRITES_FIELDS_NOBODY_APPROVED(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        Image desired = change.desired();
                        Image seen = change.seen().image();
                        return desired == null || seen == null
                                ? super.one(change)
                                : super.one(new Change(
                                        change.key(),
                                        change.seen(),
                                        desired.with("note", world.unused()),
                                        desired.fields().keySet()));
                    }
                };
            }
        });

        private final LongFunction<Schedule> schedule;

        Mistake(LongFunction<Schedule> schedule) {
            this.schedule = schedule;
        }
    }

    private static Schedule replanned(long seed, UnaryOperator<Step> change) {
        return new Schedule(seed) {
            @Override
            Run carried(Run run) {
                return withSteps(run, change);
            }
        };
    }

    private static Run withSteps(Run run, UnaryOperator<Step> change) {
        return new Run(
                run.id(),
                run.plan(),
                run.digest(),
                run.undoes(),
                run.head(),
                run.header(),
                run.steps().stream().map(change).toList());
    }

    private static Step step(Step step, Image bad, List<FieldChange> fields) {
        return new Step(
                step.number(),
                step.dataset(),
                step.key(),
                step.action(),
                fields,
                step.good(),
                bad,
                step.reasons(),
                step.goodSnapshot(),
                step.goodAt(),
                step.proof(),
                step.origin(),
                step.guard(),
                step.liveDigest(),
                step.evidence(),
                step.group());
    }

    private static Step guarded(Step step, String guard) {
        return new Step(
                step.number(),
                step.dataset(),
                step.key(),
                step.action(),
                step.fields(),
                step.good(),
                step.bad(),
                step.reasons(),
                step.goodSnapshot(),
                step.goodAt(),
                step.proof(),
                step.origin(),
                guard,
                step.liveDigest(),
                step.evidence(),
                step.group());
    }

    @ParameterizedTest
    @EnumSource
    void is_caught(Mistake mistake) {
        assertThat(LongStream.rangeClosed(1, SCHEDULES).parallel().anyMatch(seed -> isCaught(mistake, seed)))
                .isTrue();
    }

    private static boolean isCaught(Mistake mistake, long seed) {
        Schedule schedule = Objects.requireNonNull(mistake.schedule.apply(seed));
        try {
            schedule.run();
            return false;
        } catch (AssertionError | IllegalStateException | Refusal caught) {
            return true;
        }
    }
}
