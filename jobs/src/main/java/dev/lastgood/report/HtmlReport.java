package dev.lastgood.report;

import com.fasterxml.jackson.databind.JsonNode;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes a report as one HTML file that needs nothing else: no script, no font, no image, no network. It reads from top to
 * bottom in the order of the questions asked: what is the verdict, what is to be done, what broke, and how is that known.
 *
 * <p>Its size is bounded whatever the audit found; each list that is cut says so. Safe for use by many threads.
 */
public final class HtmlReport {
    private final TemplateEngine engine = TemplateEngine.createPrecompiled(ContentType.Html);

    /** The file, in UTF-8. */
    public byte[] html(Report report) {
        return rendered("report.jte", Pages.of(report));
    }

    /** The figures of a document of evidence as a file of its own, in UTF-8. */
    public byte[] evidence(JsonNode document) {
        return rendered("evidence.jte", EvidencePage.of(document));
    }

    private byte[] rendered(String template, Object page) {
        Utf8ByteOutput output = new Utf8ByteOutput();
        engine.render(template, page, output);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(output.getContentLength());
        try {
            output.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
