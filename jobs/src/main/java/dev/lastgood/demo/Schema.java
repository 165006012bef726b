package dev.lastgood.demo;

import java.util.ArrayList;
import java.util.List;

/** The shop's tables in schema public, and the truth's in a schema of its own that the guest cannot see. */
final class Schema {
    private Schema() {}

    static List<String> statements() {
        var statements = new ArrayList<String>();
        statements.add("set cache_size 131072"); // KiB: all of the shop
        for (Table table : Table.values()) {
            statements.add(table.ddl());
        }
        statements.add("create schema truth");
        statements.add("""
                create table truth.write_log (
                    seq bigint primary key,
                    written_at timestamp(3) with time zone not null,
                    writer varchar(10) not null,
                    app_version varchar(20) not null,
                    kind varchar(30) not null,
                    tab varchar(20) not null,
                    record_key bigint not null,
                    field varchar(60) not null,
                    op varchar(10) not null,
                    old_value varchar(200),
                    new_value varchar(200))""");
        statements.add("create index truth.write_log_cell on truth.write_log (record_key, tab, field, seq)");
        statements.add("create table truth.captures (name varchar(80) primary key, seq bigint not null)");
        statements.add("create table truth.scenario (id int primary key, seed bigint not null, phase int not null,"
                + " reached timestamp(3) with time zone not null)");
        statements.add("create table truth.found (tab varchar(20), record_key bigint, primary key (tab, record_key))");
        statements.add("create user " + Shop.GUEST + " password '" + Shop.PASSWORD + "'");
        statements.add("grant select, insert, update, delete on schema public to " + Shop.GUEST);
        return statements;
    }

    /** Made after the tables are filled, which is faster. */
    static List<String> indexes() {
        return List.of("create index payments_order on payments (order_id)");
    }
}
