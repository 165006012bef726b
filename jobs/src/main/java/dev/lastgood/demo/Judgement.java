package dev.lastgood.demo;

/** How the truth tells what became of a damaged field: tables of schema truth, each made from those before it. */
final class Judgement {
    private Judgement() {}

    /**
     * Where the bug's writes of a field begin and end: last_seq is its last write, first_seq the first of the run of bug
     * writes that ends there, with no legitimate write of the field between. Of a deleted record only the record itself
     * counts, and evidence of a delete is not damage.
     */
    static final String BOUNDS = """
            create table truth.bounds as
            with bug as (
                select tab, record_key, field, seq from truth.write_log
                where writer = 'bug' and tab <> 'order_deletes' and (op <> 'delete' or field = '*')
            ), last_write as (
                select tab, record_key, field, max(seq) as last_seq from bug group by tab, record_key, field
            ), run as (
                select l.*, (
                    select coalesce(max(g.seq), 0) from truth.write_log g
                    where g.record_key = l.record_key and g.tab = l.tab and g.field = l.field
                        and g.writer = 'legitimate' and g.seq < l.last_seq) as work_before
                from last_write l
            )
            select r.tab, r.record_key, r.field, r.last_seq, min(b.seq) as first_seq
            from run r
            join truth.write_log b on b.record_key = r.record_key and b.tab = r.tab and b.field = r.field
                and b.writer = 'bug' and b.seq > r.work_before
            group by r.tab, r.record_key, r.field, r.last_seq""";

    /**
     * The same with values: good is what the run overwrote, later_seq the last legitimate write after it, born_seq the
     * record's coming into being (none: older than the log), captured_seq the last capture that holds it undamaged.
     */
    static final String DAMAGED = """
            create table truth.damaged as
            select b.*, f.kind, f.old_value as good,
                (select max(g.seq) from truth.write_log g
                    where g.record_key = b.record_key and g.tab = b.tab and g.field = b.field
                        and g.writer = 'legitimate' and g.seq > b.last_seq) as later_seq,
                (select max(c.seq) from truth.captures c
                    where c.seq < b.first_seq and c.seq >= coalesce((
                        select max(i.seq) from truth.write_log i
                        where i.record_key = b.record_key and i.tab = b.tab and i.field = '*'
                            and i.op = 'insert' and i.seq < b.first_seq), 0)) as captured_seq
            from truth.bounds b
            join truth.write_log f on f.seq = b.first_seq""";

    /**
     * What live holds of it: is_bad if the bug wrote that value, is_older if it is a legitimate value from before the
     * bug. Those are the new values of earlier legitimate writes, and the old one of the first write of all, which is
     * what the shop opened with.
     */
    static final String FACTS = """
            create table truth.facts as
            select d.*, l.cell,
                exists (select 1 from truth.live p
                    where p.record_key = d.record_key and p.tab = d.tab and p.field = '*') as is_there,
                (select w.new_value from truth.write_log w where w.seq = d.later_seq) as later,
                exists (select 1 from truth.write_log b
                    where b.record_key = d.record_key and b.tab = d.tab and b.field = d.field
                        and b.writer = 'bug' and b.new_value is not distinct from l.cell) as is_bad,
                exists (select 1 from truth.write_log o
                    where o.record_key = d.record_key and o.tab = d.tab and o.field = d.field and o.seq < d.first_seq
                        and o.writer = 'legitimate' and o.new_value is not distinct from l.cell)
                or l.cell is not distinct from (
                    select o.old_value from truth.write_log o where o.seq = (
                        select min(m.seq) from truth.write_log m
                        where m.record_key = d.record_key and m.tab = d.tab and m.field = d.field)) as is_older
            from truth.damaged d
            left join truth.live l on l.record_key = d.record_key and l.tab = d.tab and l.field = d.field""";

    /**
     * Of deleted records that are there again: wrong counts the cells that are not as before the delete (a cell there
     * was none of then included), alien those of them that are no older legitimate value either.
     */
    static final String REBORN = """
            create table truth.reborn as
            select tab, record_key, count(*) as wrong, count(case when is_older then null else 1 end) as alien
            from (
                select c.tab, c.record_key,
                    exists (select 1 from truth.write_log o
                        where o.record_key = c.record_key and o.tab = c.tab and o.field = c.field
                            and o.writer = 'legitimate' and o.seq < c.first_seq
                            and o.new_value is not distinct from c.cell)
                    or c.cell is not distinct from (
                        select o.old_value from truth.write_log o where o.seq = (
                            select min(m.seq) from truth.write_log m
                            where m.record_key = c.record_key and m.tab = c.tab and m.field = c.field)) as is_older
                from (
                    select f.tab, f.record_key, f.first_seq, w.field, w.old_value as good, l.cell
                    from truth.facts f
                    join truth.write_log w on w.record_key = f.record_key and w.tab = f.tab
                        and w.writer = 'bug' and w.op = 'delete' and w.field <> '*'
                    left join truth.live l
                        on l.record_key = f.record_key and l.tab = f.tab and l.field = w.field
                    where f.field = '*'
                    union all
                    select f.tab, f.record_key, f.first_seq, l.field, null, l.cell
                    from truth.facts f
                    join truth.live l on l.record_key = f.record_key and l.tab = f.tab and l.field <> '*'
                    left join truth.write_log w on w.record_key = f.record_key and w.tab = f.tab
                        and w.field = l.field and w.writer = 'bug' and w.op = 'delete'
                    where f.field = '*' and w.seq is null
                ) c
                where c.good is distinct from c.cell
            )
            group by tab, record_key""";

    /** The classes, in the order {@link Figures} promises. */
    static final String JUDGED = """
            create table truth.judged as
            select f.*, case
                when f.later_seq is not null and f.later is not distinct from f.cell then 'conflict'
                when f.field = '*' and not f.is_there then 'unrecoverable'
                when f.field = '*' and r.wrong is null then 'restored'
                when f.field = '*' and r.alien = 0 then 'stale'
                when f.field = '*' or not f.is_there then 'foreign'
                when f.cell is not distinct from f.good then 'restored'
                when f.is_bad then 'unrecoverable'
                when f.is_older then 'stale'
                else 'foreign' end as outcome
            from truth.facts f
            left join truth.reborn r on r.record_key = f.record_key and r.tab = f.tab""";

    /** And why what was left was left. */
    static final String DAMAGE = """
            create table truth.damage as
            select j.tab, j.record_key, j.field, j.kind, j.outcome, j.good, j.cell, case
                when j.outcome <> 'unrecoverable' then null
                when j.captured_seq is null then 'without capture'
                when exists (select 1 from truth.write_log w
                    where w.record_key = j.record_key and w.tab = j.tab and w.seq > j.captured_seq
                        and w.writer = 'legitimate' and w.op = 'update'
                        and (w.field = j.field or j.field = '*'
                            or j.tab = 'orders' and regexp_like(j.field, '^(total|shipping|lines.*)$')
                                and regexp_like(w.field, '^(total|shipping|lines.*)$'))) then 'beside work'
                else 'though captured' end as reason
            from truth.judged j""";
}
