package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Cases;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.RandomRecords;
import dev.lastgood.record.Value;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What holds of every merge of three images of a record, field by field. */
final class MergeLawsTest {
    private static final int CASES = Cases.heavy(100_000, 3_000_000);

    /** Three images, and which fields are damaged. */
    private record Three(Image good, Image bad, Image live, Set<FieldPath> damaged) {
        static Three random(Random random) {
            RandomRecords records = new RandomRecords(random);
            Image good = records.image();
            Image bad = records.changed(good);
            Image live = records.changed(random.nextBoolean() ? bad : good);
            Set<FieldPath> damaged = names(good, bad, live).stream()
                    .filter(name -> random.nextInt(3) > 0)
                    .map(FieldPath::of)
                    .collect(Collectors.toSet());
            return new Three(good, bad, live, damaged);
        }

        Three with(Image other) {
            return new Three(good, bad, other, damaged);
        }

        Image merged() {
            Merge.Result result = Merge.merge(
                    new Merge.Images(good, bad, live),
                    Merge.Fault.VALUES,
                    damaged,
                    Coupling.NONE,
                    Merge.Later.NOTHING,
                    Policy.plain("orders"));
            return result instanceof Merge.Result.Write write ? Patch.lay(live, write.fields()) : live;
        }
    }

    private static Set<String> names(Image... images) {
        return Stream.of(images)
                .flatMap(image -> image.fields().keySet().stream())
                .collect(Collectors.toSet());
    }

    /** The rule as it stands in words: put back the good value where live still has the bad one. */
    private static @Nullable Value expected(Three three, String name) {
        Value good = three.good().field(name);
        Value bad = three.bad().field(name);
        Value live = three.live().field(name);
        boolean damaged = three.damaged().contains(FieldPath.of(name)) && !Objects.equals(good, bad);
        return damaged && Objects.equals(live, bad) ? good : live;
    }

    @Test
    void it_is_what_the_rule_says_of_each_field() {
        Cases.run(CASES, random -> {
            Three three = Three.random(random);
            Image merged = three.merged();
            for (String name : new TreeSet<>(names(three.good(), three.bad(), three.live()))) {
                assertThat(merged.field(name)).as(name).isEqualTo(expected(three, name));
            }
        });
    }

    @Test
    void undisturbed_damage_goes_and_nothing_else_does() {
        Cases.run(CASES / 4, random -> {
            Three three = Three.random(random);
            Image merged = three.with(three.bad()).merged();
            for (String name : names(three.good(), three.bad())) {
                Image from = three.damaged().contains(FieldPath.of(name)) ? three.good() : three.bad();
                assertThat(merged.field(name)).as(name).isEqualTo(from.field(name));
            }
        });
    }

    @Test
    void what_is_healed_or_was_never_damaged_stays_as_it_is() {
        Cases.run(CASES / 4, random -> {
            Three three = Three.random(random);
            assertThat(three.with(three.good()).merged()).isEqualTo(three.good());
            Three unharmed = new Three(three.good(), three.good(), three.live(), three.damaged());
            assertThat(unharmed.merged()).isEqualTo(three.live());
        });
    }

    @Test
    void to_merge_twice_is_to_merge_once() {
        Cases.run(CASES / 4, random -> {
            Three three = Three.random(random);
            Image merged = three.merged();
            assertThat(three.with(merged).merged()).isEqualTo(merged);
        });
    }

    @Test
    void what_others_write_elsewhere_makes_no_difference() {
        Cases.run(CASES / 4, random -> {
            Three three = Three.random(random);
            Value note = Value.of("somebody was here " + random.nextInt(9));
            assertThat(three.with(three.live().with("elsewhere", note)).merged())
                    .isEqualTo(three.merged().with("elsewhere", note));
        });
    }
}
