package dev.lastgood.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values read and replaced at places in a record. */
final class PatchTest {
    private static Image image(String json) throws JsonValues.NotJson {
        return new Image((Value.Obj) JsonValues.parse(json.replace('\'', '"')));
    }

    private static FieldChange to(String path, @Nullable Value after) {
        return new FieldChange(FieldPath.valueOf(path), null, after);
    }

    private static Patch.Spot at(Image image, String path) {
        return Patch.at(image, FieldPath.valueOf(path));
    }

    @Test
    void a_place_holds_a_value_or_nothing_or_cannot_be_reached() throws Exception {
        Image image = image("{'a':{'b':1},'list':[7],'lines':[{'no':1,'x':5},{'no':2},{'no':2}],'n':null}");
        assertThat(at(image, "a.b")).isEqualTo(new Patch.Spot(Value.of(1), true));
        assertThat(at(image, "a.c")).isEqualTo(new Patch.Spot(null, true));
        assertThat(at(image, "a.b.c")).isEqualTo(new Patch.Spot(null, false));
        assertThat(at(image, "z.b")).isEqualTo(new Patch.Spot(null, false));
        assertThat(at(image, "n.b")).isEqualTo(new Patch.Spot(null, false));
        assertThat(at(image, "list[0]")).isEqualTo(new Patch.Spot(Value.of(7), true));
        assertThat(at(image, "list[1]")).isEqualTo(new Patch.Spot(null, true));
        assertThat(at(image, "a[0]")).isEqualTo(new Patch.Spot(null, false));
        assertThat(at(image, "lines[no=1].x")).isEqualTo(new Patch.Spot(Value.of(5), true));
        assertThat(at(image, "lines[no=3]")).isEqualTo(new Patch.Spot(null, true));
        assertThat(at(image, "lines[no=3].x")).isEqualTo(new Patch.Spot(null, false));
        assertThat(at(image, "lines[no=2].x")).as("there are two of them").isEqualTo(new Patch.Spot(null, false));
        assertThat(at(image("{'lines':[{'no':2,'x':1},{'no':2}]}"), "lines[no=2].x"))
                .as("be it the first one")
                .isEqualTo(new Patch.Spot(null, false));
        assertThatThrownBy(() -> at(image, "list[]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a path of every element names no place: []");
    }

    @Test
    void values_are_set_added_and_removed() throws Exception {
        Image image = image("{'a':{'b':1},'list':[1,2,3]}");
        assertThat(Patch.lay(image, List.of())).isSameAs(image);
        assertThat(Patch.lay(
                        image,
                        List.of(
                                to("a.b", null),
                                to("a.c", Value.of(2)),
                                to("list[0]", null),
                                to("list[1]", Value.of(9)),
                                to("list[7]", null),
                                to("list[3]", Value.of(4)))))
                .isEqualTo(image("{'a':{'c':2},'list':[9,3,4]}"));
    }

    @Test
    void an_element_that_is_added_goes_where_the_model_has_it() throws Exception {
        Value added = image("{'no':2}").object();
        List<FieldChange> change = List.of(to("lines[no=2]", added));
        Image lacks = image("{'lines':[{'no':1},{'no':3}]}");
        assertThat(Patch.lay(lacks, change, image("{'lines':[{'no':1},{'no':2},{'no':3}]}")))
                .isEqualTo(image("{'lines':[{'no':1},{'no':2},{'no':3}]}"));
        assertThat(Patch.lay(lacks, change, image("{'lines':[{'x':0},{'no':9},{'no':2}]}")))
                .as("nothing that stands before it is here")
                .isEqualTo(image("{'lines':[{'no':2},{'no':1},{'no':3}]}"));
        Image atTheEnd = image("{'lines':[{'no':1},{'no':3},{'no':2}]}");
        assertThat(Patch.lay(lacks, change)).isEqualTo(atTheEnd);
        assertThat(Patch.lay(lacks, change, image("{'lines':7}"))).isEqualTo(atTheEnd);
        assertThat(Patch.lay(lacks, List.of(to("lines[no=2]", null)))).isEqualTo(lacks);
        assertThat(Patch.lay(
                        image("{'o':{'lines':[{'no':1,'in':[{'k':1}]}]}}"),
                        List.of(to("o.lines[no=1].in[k=2]", image("{'k':2}").object())),
                        image("{'o':7}")))
                .isEqualTo(image("{'o':{'lines':[{'no':1,'in':[{'k':1},{'k':2}]}]}}"));
    }

    @Test
    void a_place_that_is_not_there_or_named_twice_is_refused() throws Exception {
        Image image = image("{'a':{'b':1},'list':[]}");
        for (List<FieldChange> wrong : List.of(
                List.of(to("z.b", Value.of(1))),
                List.of(to("a.b.c", Value.of(1))),
                List.of(to("a[0]", Value.of(1))),
                List.of(to("list[0].x", Value.of(1))),
                List.of(to("a.b", Value.of(1)), to("a.b", Value.of(2))),
                List.of(to("a.b", Value.of(1)), to("a", Value.of(2))),
                List.of(to("a", Value.of(1)), to("a.b", Value.of(2))))) {
            assertThatThrownBy(() -> Patch.lay(image, wrong))
                    .as(wrong.toString())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
