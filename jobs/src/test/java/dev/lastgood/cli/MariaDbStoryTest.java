package dev.lastgood.cli;

import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

class MariaDbStoryTest extends DatabaseStory {
    @Override
    Connection connect() throws SQLException {
        return MariaDb.connect("home");
    }

    @Override
    String url() {
        return MariaDb.url("home");
    }

    @Override
    String user() {
        return MariaDb.USER;
    }

    @Override
    List<String> schema() {
        return List.of("drop database if exists story", "create database story");
    }

    @Override
    String number() {
        return "decimal(65,2)";
    }

    @Override
    String token() {
        return "";
    }

    @Override
    String orders() {
        return "select concat_ws(' ', id, price, quantity,"
                + " trim(trailing '.' from trim(trailing '0' from total)), note) from story.orders order by id";
    }
}
