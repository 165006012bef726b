package dev.lastgood.outputs;

import dev.lastgood.outputs.Checked.Check;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A run as a report of tests: a suite for the verdict, and one a dataset with a case a check. What was skipped without leave
 * is an error there, because most readers take a skipped test for a good one; so is a run that checked nothing.
 */
public final class JUnitXml {
    private JUnitXml() {}

    /** How a case ended that did not pass. */
    private record Ending(String element, String type, String message) {}

    private record Case(String suite, String name, List<Ending> endings) {
        boolean is(String element) {
            return endings.stream().anyMatch(ending -> ending.element().equals(element));
        }
    }

    public static String of(Checked checked) {
        Map<String, List<Case>> suites = new LinkedHashMap<>();
        String prefix = "lastgood." + checked.run().command().replace(' ', '-');
        add(suites, verdict(prefix, checked));
        for (Check check : checked.checks()) {
            String suite = check.dataset().isEmpty() ? prefix + ".checks" : prefix + ".dataset." + check.dataset();
            add(suites, new Case(suite, check.id(), endings(check)));
        }
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            xml.writeAttribute(
                    "name",
                    clean(checked.run().workspace() + " " + checked.run().command())
                            .strip());
            counts(xml, suites.values().stream().flatMap(List::stream).toList());
            for (Map.Entry<String, List<Case>> suite : suites.entrySet()) {
                suite(xml, suite.getKey(), suite.getValue(), checked);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return text + "\n";
    }

    private static void add(Map<String, List<Case>> suites, Case one) {
        suites.computeIfAbsent(one.suite(), name -> new ArrayList<>()).add(one);
    }

    private static Case verdict(String suite, Checked checked) {
        String message = "%s: %d checks passed, %d failed, %d examined nothing, %d could not be evaluated"
                .formatted(
                        checked.verdict(),
                        checked.deciding(Outcome.PASS),
                        checked.deciding(Outcome.FAIL),
                        checked.deciding(Outcome.SKIP),
                        checked.deciding(Outcome.ERROR));
        return new Case(
                suite,
                "verdict",
                switch (checked.verdict()) {
                    case PASS -> List.of();
                    case FAIL -> List.of(new Ending("failure", Verdict.FAIL.name(), message));
                    case INCONCLUSIVE -> List.of(new Ending("error", Verdict.INCONCLUSIVE.name(), message));
                });
    }

    private static List<Ending> endings(Check check) {
        if (check.outcome() == Outcome.PASS) {
            return List.of();
        }
        String element = !check.decides() ? "skipped" : check.outcome() == Outcome.FAIL ? "failure" : "error";
        return List.of(new Ending(element, check.outcome().name(), check.said()));
    }

    private static void suite(XMLStreamWriter xml, String name, List<Case> cases, Checked checked)
            throws XMLStreamException {
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", clean(name));
        xml.writeAttribute(
                "timestamp",
                DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                        checked.run().at().truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC)));
        counts(xml, cases);
        for (Case one : cases) {
            xml.writeStartElement("testcase");
            xml.writeAttribute("classname", clean(name));
            xml.writeAttribute("name", clean(one.name()));
            xml.writeAttribute("time", "0");
            for (Ending ending : one.endings()) {
                xml.writeStartElement(ending.element());
                xml.writeAttribute("message", clean(ending.message()));
                if (!ending.element().equals("skipped")) {
                    xml.writeAttribute("type", ending.type());
                    xml.writeCharacters(clean(ending.message()));
                }
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static void counts(XMLStreamWriter xml, List<Case> cases) throws XMLStreamException {
        xml.writeAttribute("tests", Integer.toString(cases.size()));
        xml.writeAttribute("failures", count(cases, "failure"));
        xml.writeAttribute("errors", count(cases, "error"));
        xml.writeAttribute("skipped", count(cases, "skipped"));
        xml.writeAttribute("time", "0");
    }

    private static String count(List<Case> cases, String element) {
        return Long.toString(cases.stream().filter(one -> one.is(element)).count());
    }

    /** XML 1.0, section 2.2, has no way to write most control characters. */
    private static String clean(String text) {
        return text.replaceAll("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]", "\uFFFD");
    }
}
