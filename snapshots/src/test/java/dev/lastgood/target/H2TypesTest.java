package dev.lastgood.target;

import dev.lastgood.record.Value;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

final class H2TypesTest extends JdbcScripts {
    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:h2:mem:types;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE");
    }

    @Override
    Map<String, Typed> columns() {
        Map<String, Typed> columns = common();
        columns.put("a_bytes", new Typed("varbinary(10)", "x'00ff'", new Value.Bytes(new byte[] {0, -1})));
        columns.put("a_time", new Typed("time(3)", "time '10:00:00.123'", Value.of("10:00:00.123")));
        columns.put("a_json", new Typed("json", "json '[{\"no\":1}]'", json("[{\"no\":1}]")));
        columns.put("a_json_text", new Typed("varchar", "'{\"a\":1.50}'", json("{\"a\":1.5}")));
        columns.put("an_enum", new Typed("enum('new', 'paid')", "'paid'", Value.of("paid")));
        columns.put("a_clob", new Typed("clob", "'long'", Value.of("long")));
        return columns;
    }
}
