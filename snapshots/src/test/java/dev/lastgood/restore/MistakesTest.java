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
import java.util.ArrayList;
import java.util.Arrays;
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
        }),
        WRITES_ANOTHER_VALUE(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        Image desired = change.desired();
                        return desired == null || !change.fields().contains("a")
                                ? super.one(change)
                                : super.one(new Change(
                                        change.key(),
                                        change.seen(),
                                        desired.with("a", world.unused()),
                                        change.fields()));
                    }
                };
            }
        }),
        ACCUSES_EVERY_DELETE(seed -> new Schedule(seed) {
            @Override
            List<Candidate> considered(List<Candidate> candidates) {
                List<Candidate> more = new ArrayList<>(candidates);
                for (Key key : keys) {
                    Image gone = world.lastImage(key);
                    boolean isKnown =
                            candidates.stream().anyMatch(one -> one.key().equals(key));
                    if (world.image(key) == null && gone != null && !isKnown) {
                        more.add(candidate(
                                key,
                                List.of("orders_stay"),
                                History.of(
                                                new History.Good(gone, "20261121T020000Z-7f3a", Scene.NOON),
                                                null,
                                                History.Origin.OBSERVED)
                                        .deletedAs(world.see(key).token())));
                    }
                }
                return more;
            }
        }),
        TAKES_LIVE_FOR_THE_BAD_IMAGE(seed -> new Schedule(seed) {
            @Override
            List<Candidate> considered(List<Candidate> candidates) {
                return candidates.stream()
                        .map(old -> {
                            Image live = world.image(old.key());
                            History.Good good = old.history().good();
                            return live == null || good == null || old.history().bad() == null
                                    ? old
                                    : new Candidate(
                                            old.dataset(),
                                            old.key(),
                                            old.accusations(),
                                            old.named(),
                                            History.of(good, live, History.Origin.OBSERVED),
                                            old.live());
                        })
                        .toList();
            }
        }),
        PUTS_BACK_ALL_THAT_CHANGED(seed -> new Schedule(seed) {
            @Override
            List<Candidate> considered(List<Candidate> candidates) {
                return candidates.stream()
                        .map(old -> new Candidate(
                                old.dataset(),
                                old.key(),
                                old.accusations(),
                                Candidate.Named.WHOLE,
                                old.history(),
                                old.live()))
                        .toList();
            }
        }),
        WRITES_HALF_A_TRANSACTION(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Map<Key, Written> together(List<Change> changes) {
                        Map<Key, Written> answers = super.together(changes);
                        boolean refused = answers.values().stream().allMatch(Written.Refused.class::isInstance);
                        if (refused && changes.size() > 1) {
                            land(changes.get(0));
                        }
                        return answers;
                    }
                };
            }
        }),
        TAKES_A_REFUSAL_FOR_A_SUCCESS(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        Written answer = super.one(change);
                        return answer instanceof Written.Refused ? new Written.Done("") : answer;
                    }
                };
            }
        }),
        TAKES_A_SUCCESS_FOR_A_REFUSAL(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        Written answer = super.one(change);
                        return answer instanceof Written.Done ? new Written.Refused("busy") : answer;
                    }
                };
            }
        }),
        SENDS_A_LOST_REQUEST_AGAIN_WITH_A_NEW_GUARD(seed -> new Schedule(seed) {
            @Override
            Target target() {
                return new TroubledTarget() {
                    @Override
                    Written one(Change change) {
                        Written answer = super.one(change);
                        Seen now = world.see(change.key());
                        return answer instanceof Written.Unknown && !now.absent()
                                ? land(new Change(change.key(), now, change.desired(), change.fields()))
                                : answer;
                    }
                };
            }
        }),
        SAYS_PUBLISHED_WHAT_IS_NOT(seed -> new Schedule(seed) {
            @Override
            Store store() {
                return new TroubledStore() {
                    @Override
                    public Published publish(String name, byte[] bytes) {
                        return random.nextInt(10) == 0 ? new Published.Won() : super.publish(name, bytes);
                    }
                };
            }
        }),
        PUBLISHES_A_PART(seed -> new Schedule(seed) {
            @Override
            Store store() {
                return new TroubledStore() {
                    @Override
                    public Published publish(String name, byte[] bytes) {
                        return super.publish(
                                name, random.nextInt(20) == 0 ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
                    }
                };
            }
        }),
        UNDOES_WHOLE_RECORDS(seed -> new Schedule(seed) {
            @Override
            Run undo(PlanFiles.Stored stored, Journal journal) {
                return withSteps(super.undo(stored, journal), step -> {
                    Image live = world.image(step.key());
                    Image good = step.good();
                    return live == null || good == null || step.bad() == null
                            ? step
                            : step(step, live, Differ.units(live, good, World.COMPARISON));
                });
            }
        }),
        TAKES_ONE_RECORD_FOR_ANOTHER(seed -> new Schedule(seed) {
            @Override
            Run carried(Run run) {
                return withSteps(
                        run,
                        step -> step.action() == Action.UPDATE
                                ? keyed(step, keys.get((keys.indexOf(step.key()) + 1) % keys.size()))
                                : step);
            }
        }),
        DELETES_WHATEVER_IS_THERE(seed -> replannedOnLive(seed)),
        FORGETS_ALL_IT_HAS_DONE(seed -> new Schedule(seed) {
            @Override
            Applier applier(Run run, String name) {
                String journal = "runs/" + run.id() + "/journal";
                disk.list(journal).forEach(segment -> disk.delete(journal + "/" + segment));
                return super.applier(run, name);
            }
        }),
        STAMPS_A_FIELD_OF_THE_APPLICATION(seed -> new Schedule(seed) {
            @Override
            Policy policy(Policy policy) {
                return PolicyForTests.like(policy).stamp(FieldPath.of("note")).policy();
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

    /** Of a record to be deleted, what is live is taken for what was planned. */
    private static Schedule replannedOnLive(long seed) {
        return new Schedule(seed) {
            @Override
            Run carried(Run run) {
                return withSteps(run, step -> {
                    Image live = world.image(step.key());
                    return step.action() == Action.DELETE && live != null ? step(step, live, step.fields()) : step;
                });
            }
        };
    }

    private static Step keyed(Step step, Key key) {
        return new Step(
                step.number(),
                step.dataset(),
                key,
                step.action(),
                step.fields(),
                step.good(),
                step.bad(),
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
