package dev.lastgood.cli;

import dev.lastgood.PostgresForTests;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

class PostgresStoryTest extends DatabaseStory {
    @Override
    Connection connect() throws SQLException {
        return PostgresForTests.connect();
    }

    @Override
    String url() {
        return PostgresForTests.url();
    }

    @Override
    String user() {
        return PostgresForTests.USER;
    }

    @Override
    List<String> schema() {
        return List.of("drop schema if exists story cascade", "create schema story");
    }

    @Override
    String number() {
        return "numeric";
    }

    @Override
    String token() {
        return "\n    token: xmin";
    }

    @Override
    String orders() {
        return "select concat_ws(' ', id, price, quantity, trim_scale(total), note) from story.orders order by id";
    }
}
