package dev.lastgood.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChangeKindTest {
    private static final FieldPath FIELD = FieldPath.of("f");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                    | {'f':1}              | added",
                "{'f':1}               | {}                   | removed",
                "{'f':1}               | {'f':null}           | nulled",
                "{'f':null}            | {'f':'x'}            | filled",
                "{'f':'a','g':'b'}     | {'f':'b','g':'a'}    | swapped",
                "{'f':1,'g':10}        | {'f':10,'g':1}       | swapped",
                "{'f':19.99}           | {'f':1999}           | scaled",
                "{'f':5}               | {'f':-5}             | sign",
                "{'f':'1.0'}           | {'f':'1'}            | representation",
                "{'f':'7'}             | {'f':7}              | representation",
                "{'f':'5'}             | {'f':'5 kg'}         | unit",
                "{'f':'2026-11-22'}    | {'f':'22.11.2026'}   | date-format",
                "{'f':'Bad'}           | {'f':'BAD'}          | case",
                "{'f':'a b'}           | {'f':' a  b'}        | blanks",
                "{'f':'Müller'}        | {'f':'MÃ¼ller'}      | encoding",
                "{'f':'Müller'}        | {'f':'M?ller'}       | encoding",
                "{'f':'red'}           | {'f':'green'}        | value",
                "{'f':[1,2]}           | {'f':[2,1]}          | value",
            })
    void a_change_is_of_a_kind(String before, String after, String kind) throws Exception {
        Image then = new Image((Value.Obj) JsonValues.parse(before.replace('\'', '"')));
        Image now = new Image((Value.Obj) JsonValues.parse(after.replace('\'', '"')));
        Value from = Patch.at(then, FIELD).value();
        Value to = Patch.at(now, FIELD).value();
        assertThat(ChangeKind.of(from, to, Patterns.of(FIELD, from, to, then, now))
                        .text())
                .isEqualTo(kind);
    }
}
