package dev.lastgood.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.SnapshotId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reports to look at: a shop after a release that wrote totals in cents. */
final class Reports {
    private Reports() {}

    static final SnapshotId SNAPSHOT = new SnapshotId("20261122T020000Z-7f3a");

    static Report shop() {
        return shop(plan());
    }

    static Report shop(Report.@Nullable Restore restore) {
        return new Report(shopAudit(), provenance(), rules(), fields(), classes(), samples(), restore);
    }

    /** A hundred thousand of everything, of 40 million records in each incident. */
    static Report huge() {
        ObjectNode audit = shopAudit();
        ObjectNode incident = (ObjectNode) audit.path("incidents").get(0);
        for (String list : List.of("explanations", "affected", "damaged")) {
            JsonNode item = incident.path(list).get(0);
            incident.putArray(list).addAll(Collections.nCopies(1_000, item));
        }
        incident.put("check", "c".repeat(100_000));
        audit.putArray("incidents").addAll(Collections.nCopies(100_000, incident));
        audit.putArray("rules")
                .addAll(Collections.nCopies(100_000, shopAudit().path("rules").get(0)));
        audit.putArray("schema")
                .addAll(Collections.nCopies(100_000, shopAudit().path("schema").get(0)));
        List<String> changes = new ArrayList<>();
        List<String> findings = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            changes.add(
                    "{\"dataset\":\"orders\",\"key\":{\"id\":" + i
                            + "},\"change\":\"changed\",\"class\":\"corrupt\",\"fields\":[{\"path\":\"total\",\"before\":1,\"after\":100}]}");
            findings.add("{\"rule\":\"total-is-sum\",\"dataset\":\"orders\",\"key\":{\"id\":" + i % 1000 + "}}");
        }
        Report shop = shop();
        return new Report(
                audit,
                shop.provenance(),
                shop.rules(),
                Collections.nCopies(100_000, shop.fields().get(0)),
                Collections.nCopies(100_000, shop.classes().get(0)),
                List.of(new Report.Sample("orders", "i1", 40_900_000, changes, findings)),
                new Report.Restore(
                        plan().plan(),
                        Collections.nCopies(100_000, plan().steps().get(0)),
                        Collections.nCopies(100_000, plan().conflicts().get(0))));
    }

    /** Nothing but the document. */
    static Report bare(ObjectNode audit) {
        return new Report(audit, provenance(), List.of(), List.of(), List.of(), List.of(), null);
    }

    static ObjectNode json(String text) {
        return (ObjectNode) Lines.read(text.replace('\'', '"'));
    }

    static ObjectNode shopAudit() {
        return json("""
            {'formatVersion': 1, 'audit': '20261122T113000Z-04c1', 'verdict': 'FAIL',
             'remarks': ['no snapshot of dataset payments is known to be clean by the rules as they are; the newest verified one is the baseline'],
             'baseline': {'customers': '20261122T020000Z-7f3a', 'orders': '20261122T020000Z-7f3a',
                          'payments': '20261122T020000Z-7f3a'},
             'datasets': [
               {'name': 'customers', 'before': 40000, 'after': 40012, 'added': 13, 'removed': 1, 'changed': 71, 'unchanged': 39928},
               {'name': 'orders', 'before': 120344, 'after': 120811, 'added': 502, 'removed': 35, 'changed': 1604, 'unchanged': 118705},
               {'name': 'payments', 'before': 39876, 'after': 40103, 'added': 227, 'removed': 0, 'changed': 9, 'unchanged': 39867}],
             'schema': [
               {'dataset': 'orders', 'field': 'app_version', 'change': 'added', 'before': '', 'after': 'string'},
               {'dataset': 'orders', 'field': 'total', 'change': 'retyped', 'before': 'decimal(10,2)', 'after': 'decimal(12,2)'}],
             'rules': [
               {'id': 'total-is-sum', 'dataset': 'orders', 'outcome': 'FAIL', 'severity': 'critical', 'examined': 120811, 'violations': 412, 'preExisting': 3, 'reason': ''},
               {'id': 'email-valid', 'dataset': 'customers', 'outcome': 'FAIL', 'severity': 'error', 'examined': 40012, 'violations': 58, 'preExisting': 0, 'reason': ''},
               {'id': 'not-deleted', 'dataset': 'orders', 'outcome': 'FAIL', 'severity': 'error', 'examined': 120344, 'violations': 2, 'preExisting': 0, 'reason': ''},
               {'id': 'state-known', 'dataset': 'orders', 'outcome': 'PASS', 'severity': 'error', 'examined': 120811, 'violations': 0, 'preExisting': 0, 'reason': ''},
               {'id': 'payment-of-an-order', 'dataset': 'payments', 'outcome': 'PASS', 'severity': 'error', 'examined': 40103, 'violations': 4, 'preExisting': 4, 'reason': '4 violations are allowed'},
               {'id': 'refund-has-reason', 'dataset': 'payments', 'outcome': 'SKIP', 'severity': 'warn', 'examined': 0, 'violations': 0, 'preExisting': 0, 'reason': 'no record is inside of it'},
               {'id': 'margin-positive', 'dataset': 'orders', 'outcome': 'ERROR', 'severity': 'info', 'examined': 120800, 'violations': 0, 'preExisting': 0, 'reason': 'could not be evaluated on 11 records'}],
             'incidents': [
               {'id': 'i1', 'dataset': 'orders', 'sentence': '409 records of orders break total-is-sum: total × 100 in 401; 401 of them (98 %) have app_version 4.2.1 and region eu, written between 2026-11-22T10:02:11Z and 2026-11-22T10:47:53Z; of what changed elsewhere 0.7 % is corrupt; 3 more match and break no rule.',
                'check': 'app_version = \\u00274.2.1\\u0027 and region = \\u0027eu\\u0027 and changed_at between timestamp \\u00272026-11-22T10:02:11Z\\u0027 and timestamp \\u00272026-11-22T10:47:53Z\\u0027',
                'rules': ['total-is-sum'], 'records': 409, 'suspects': 3, 'fields': ['total', 'lines[].amount'], 'damaged': ['total'],
                'from': '2026-11-22T10:02:11Z', 'to': '2026-11-22T10:47:53Z', 'first': '2026-11-22T07:31:09Z', 'last': '2026-11-22T11:02:40Z',
                'signature': {'app_version': '4.2.1', 'region': 'eu'},
                'explanations': [
                  {'values': {'app_version': '4.2.1', 'region': 'eu'}, 'corrupt': 401, 'changed': 412, 'of': 409, 'share': 0.9804, 'elsewhere': 0.0067, 'ratio': 137.1032, 'atLeast': 72.0051},
                  {'values': {'app_version': '4.2.1'}, 'corrupt': 409, 'changed': 1204, 'of': 409, 'share': 1.0, 'elsewhere': 0.0, 'ratio': 1212.5, 'atLeast': 75.4}],
                'patterns': {'total × 100': 401, 'total value': 8, 'lines[].amount value': 4},
                'lastGood': {'snapshot': '20261122T020000Z-7f3a', 'at': '2026-11-22T02:01:47Z'},
                'firstBad': {'snapshot': '20261122T110000Z-b1c2', 'at': '2026-11-22T11:01:30Z'},
                'flapping': 2, 'unrecoverable': 17,
                'affected': [
                  {'dataset': 'payments', 'rule': 'payment-of-an-order', 'how': 'refers to it', 'records': 398, 'sameValue': 212},
                  {'dataset': 'customers', 'rule': 'order-of-a-customer', 'how': 'referred to', 'records': 1377}]},
               {'id': 'i2', 'dataset': 'customers', 'sentence': '58 records of customers break email-valid: email value in 40; written between 2026-11-22T08:15:00Z and 2026-11-22T11:20:41Z.',
                'check': '', 'rules': ['email-valid'], 'records': 58, 'suspects': 0, 'fields': ['email'], 'damaged': [],
                'from': '2026-11-22T08:15:00Z', 'to': '2026-11-22T11:20:41Z', 'first': '2026-11-22T08:15:00Z', 'last': '2026-11-22T11:20:41Z',
                'signature': {}, 'explanations': [], 'patterns': {'email value': 40, 'email case': 11, 'email nulled': 7},
                'lastGood': null, 'firstBad': null, 'flapping': 0, 'unrecoverable': 0, 'affected': []},
               {'id': 'i3', 'dataset': 'orders', 'sentence': '2 records of orders break not-deleted.',
                'check': '', 'rules': ['not-deleted'], 'records': 2, 'suspects': 0, 'fields': [], 'damaged': [],
                'from': null, 'to': null, 'first': null, 'last': null,
                'signature': {}, 'explanations': [], 'patterns': {},
                'lastGood': {'snapshot': '20261121T020000Z-11ab', 'at': '2026-11-21T02:01:30Z'}, 'firstBad': null,
                'flapping': 0, 'unrecoverable': 0, 'affected': []}]}
            """);
    }

    /** The same before audits told what their incidents have in common, and what older captures hold of them. */
    static ObjectNode oldAudit() {
        ObjectNode audit = shopAudit();
        audit.path("incidents")
                .forEach(incident -> ((ObjectNode) incident)
                        .remove(List.of(
                                "check",
                                "suspects",
                                "damaged",
                                "first",
                                "last",
                                "explanations",
                                "lastGood",
                                "firstBad",
                                "flapping",
                                "affected")));
        return audit;
    }

    private static Report.Provenance provenance() {
        Report.Capture capture = new Report.Capture(
                Instant.parse("2026-11-22T02:00:00Z"),
                Instant.parse("2026-11-22T02:01:47Z"),
                120_344,
                Sha256.of("manifest".getBytes(StandardCharsets.UTF_8)));
        return new Report.Provenance(
                "shop",
                "0.1.0",
                Instant.parse("2026-11-22T11:30:00Z"),
                "nightly@audit-1",
                Sha256.of("audit".getBytes(StandardCharsets.UTF_8)),
                Instant.parse("2026-11-22T11:31:20Z"),
                List.of(
                        new Report.Baseline("orders", SNAPSHOT, capture),
                        new Report.Baseline("customers", SNAPSHOT, null)));
    }

    private static List<Report.Statement> rules() {
        return List.of(
                new Report.Statement(
                        "total-is-sum",
                        "9f3c51d02ab47e66",
                        new TreeMap<>(Map.of("9f3c51d02ab47e66", 415L)),
                        "total = aggregate(lines, 0, (sum, line) -> sum + line.amount)",
                        "invoices are printed from total"),
                new Report.Statement(
                        "email-valid",
                        "11aa22bb33cc44dd",
                        new TreeMap<>(Map.of("0000000000000000", 58L)),
                        "email is email",
                        ""),
                new Report.Statement(
                        "state-known", "5e5e5e5e5e5e5e5e", new TreeMap<>(), "state in new, paid, sent, done", ""));
    }

    private static List<Report.FieldCount> fields() {
        return List.of(
                new Report.FieldCount("orders", "state", "value", "consistent", 1102),
                new Report.FieldCount("orders", "total", "scaled", "corrupt", 401),
                new Report.FieldCount("customers", "email", "value", "corrupt", 40),
                new Report.FieldCount("orders", "lines[].amount", "value", "corrupt", 12),
                new Report.FieldCount("customers", "note", "filled", "unattributed", 9));
    }

    private static List<Report.ClassCount> classes() {
        return List.of(
                new Report.ClassCount("orders", "corrupt", 411),
                new Report.ClassCount("orders", "pre-existing", 3),
                new Report.ClassCount("orders", "consistent", 1692),
                new Report.ClassCount("customers", "unattributed", 9));
    }

    private static String line(String text) {
        return text.replace('\'', '"');
    }

    private static List<Report.Sample> samples() {
        return List.of(
                new Report.Sample(
                        "orders",
                        "i1",
                        409,
                        List.of(
                                line(
                                        "{'dataset':'orders','key':{'id':1007},'change':'changed','class':'corrupt','fields':[{'path':'total','before':19.50,'after':1950.00,'kind':'scaled','class':'corrupt'},{'path':'note','before':'leave"
                                                + " with the neighbour, second floor','after':'leave with the neighbor, "
                                                + " 2nd floor','kind':'value','class':'unattributed'},{'path':'lines[line_no=2].gift','after':true,'kind':'added','class':'unattributed'},{'path':'coupon','before':null,'after':'','kind':'filled','class':'consistent'}]}"),
                                line(
                                        "{'dataset':'orders','key':{'id':1008},'change':'changed','class':'corrupt','copies':{'before':1,'after':2},'fields':[{'path':'total','before':'7','after':7,'kind':'representation','class':'corrupt'}]}")),
                        List.of(
                                line(
                                        "{'rule':'total-is-sum','ruleHash':'9f3c51d02ab47e66','dataset':'orders','key':{'id':1007},'path':'total','severity':'critical','expected':'total"
                                                + " = aggregate(lines, 0, (sum, line) -> sum +"
                                                + " line.amount)','actual':1950.00,'before':19.50,'reason':'false','preExisting':false,'snapshot':'20261122T020000Z-7f3a'}"))),
                new Report.Sample(
                        "customers",
                        "i2",
                        58,
                        List.of(
                                line(
                                        "{'dataset':'customers','key':{'id':31},'change':'changed','class':'corrupt','fields':[{'path':'email','before':'***','after':'***','kind':'value','class':'corrupt'},{'path':'phone','before':'***67','after':'***89','kind':'value','class':'unattributed'}]}")),
                        List.of(
                                line(
                                        "{'rule':'email-valid','ruleHash':'0000000000000000','dataset':'customers','key':{'id':31},'path':'email','severity':'error','expected':'email"
                                                + " is email','actual':'***','before':'***','reason':'false','preExisting':false,'snapshot':null}"))),
                new Report.Sample(
                        "orders",
                        "i3",
                        2,
                        List.of(
                                line(
                                        "{'dataset':'orders','key':{'id':502,'line':3},'change':'removed','class':'corrupt','fields':[],'record':{'id':502,'line':3,'state':'paid','total':88.00,'lines':[{'line_no':1,'amount':88.00}]}}")),
                        List.of(line(
                                "{'rule':'not-deleted','ruleHash':'77aa','dataset':'orders','key':{'id':502,'line':3},'path':null,'severity':'error','expected':'not"
                                        + " deleted unless"
                                        + " cancelled','reason':'false','preExisting':false,'snapshot':null}"))),
                new Report.Sample(
                        "orders",
                        "",
                        1695,
                        List.of(),
                        List.of(
                                line(
                                        "{'rule':'total-is-sum','ruleHash':'9f3c51d02ab47e66','dataset':'orders','key':{'id':9},'path':'total','severity':'critical','expected':'total"
                                                + " = …','actual':{'total':null,'lines':[]},'before':{'total':null,'lines':[]},'reason':'null','preExisting':true,'snapshot':null}"))));
    }

    static Report.Restore plan() {
        return new Report.Restore(
                json("""
                    {'formatVersion': 1, 'plan': '9f3c2b7a41de', 'digest': 'sha256:9f3c2b7a41de0000000000000000000000000000000000000000000000000000',
                     'steps': {'insert': 2, 'update': 431, 'delete': 0}, 'conflicts': {'LATER_WRITE': 14, 'RECREATED': 3},
                     'heldBack': 5, 'unrecoverable': 18, 'healed': 6, 'records': 433, 'fields': 447,
                     'good': {'proved': 401, 'asOf': 46}, 'insertsWithoutEvidence': 1, 'expires': '2026-11-23T11:31:00Z'}
                    """),
                List.of(
                        line(
                                "{'dataset':'orders','key':{'id':1007},'action':'UPDATE','fields':[{'path':'total','live':1950.00,'desired':19.50}],'reasons':['total-is-sum'],'goodAt':'2026-11-22T02:01:47Z','proof':'proved','guard':'version"
                                        + " 17'}"),
                        line(
                                "{'dataset':'orders','key':{'id':502,'line':3},'action':'INSERT','fields':[{'path':'state','desired':'paid'},{'path':'total','desired':88.00}],'reasons':['not-deleted'],'goodAt':'2026-11-22T02:01:47Z','guard':'tombstone"
                                        + " 4411'}")),
                List.of(
                        line(
                                "{'conflict':'LATER_WRITE','dataset':'orders','key':{'id':1033},'path':'total','good':19.50,'bad':1950.00,'live':21.00,'explanation':'somebody"
                                        + " wrote it after the damage'}"),
                        line(
                                "{'conflict':'RECREATED','dataset':'orders','key':{'id':511,'line':1},'path':null,'explanation':'the"
                                        + " record is there again'}")));
    }
}
