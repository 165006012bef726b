package dev.lastgood.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.AxeResults;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The report in a real browser: offline, in both themes, on a phone, printed, and heard. Screenshots are left in {@code
 * target/report} to be looked at.
 */
final class ReportInBrowserTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path FOLDER = Path.of("target", "report").toAbsolutePath();
    private static Playwright playwright;
    private static Browser browser;
    private static Path report;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(Files.isExecutable(CHROMIUM), "chromium is not here");
        Files.createDirectories(FOLDER);
        report = Files.write(FOLDER.resolve("report.html"), new HtmlReport().html(Reports.shop(Reports.plan())));
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
    }

    @AfterAll
    static void close() {
        if (playwright != null) {
            playwright.close();
        }
    }

    /** The page, offline; whatever it asks for or complains of is in the lists. */
    private static Page page(Browser.NewContextOptions options, List<String> requests, List<String> complaints) {
        BrowserContext context = browser.newContext(options.setOffline(true));
        Page page = context.newPage();
        page.onRequest(request -> requests.add(request.url()));
        page.onConsoleMessage(message -> complaints.add(message.text()));
        page.onPageError(complaints::add);
        page.navigate(report.toUri().toString());
        return page;
    }

    private static boolean isTooWide(Page page) {
        return (boolean) page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void it_opens_offline_in_both_themes_and_can_be_heard(ColorScheme theme) {
        List<String> requests = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        Page page = page(
                new Browser.NewContextOptions().setColorScheme(theme).setViewportSize(1280, 900), requests, complaints);
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(FOLDER.resolve(theme.name().toLowerCase(java.util.Locale.ROOT) + ".png"))
                .setFullPage(true));

        assertThat(requests).containsExactly(report.toUri().toString());
        assertThat(complaints).isEmpty();
        assertThat(isTooWide(page)).isFalse();
        // What is folded away is looked at as well.
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
        AxeResults results = new AxeBuilder(page).analyze();
        assertThat(results.getViolations().stream()
                        .map(violation -> violation.getId() + " " + violation.getNodes().get(0).getHtml()))
                .isEmpty();
        assertThat(results.getPasses()).hasSizeGreaterThan(20);
        page.context().close();
    }

    @Test
    void it_opens_whatever_was_found() throws IOException {
        Path huge = Files.write(FOLDER.resolve("huge.html"), new HtmlReport().html(Reports.huge()));
        BrowserContext context = browser.newContext(new Browser.NewContextOptions().setOffline(true));
        Page page = context.newPage();
        page.navigate(huge.toUri().toString());

        assertThat(page.locator("h1").innerText()).contains("FAIL");
        assertThat(page.locator("#incidents article").count()).isEqualTo(50);
        assertThat(page.locator("#incidents > .cut").innerText())
                .isEqualTo("The first 50 of 100,000 incidents are shown.");
        assertThat(isTooWide(page)).isFalse();
        context.close();
    }

    @Test
    void it_fits_a_phone() {
        Page page = page(
                new Browser.NewContextOptions().setViewportSize(390, 844).setDeviceScaleFactor(2),
                new ArrayList<>(),
                new ArrayList<>());
        page.screenshot(new Page.ScreenshotOptions().setPath(FOLDER.resolve("phone.png")));

        assertThat(isTooWide(page)).isFalse();
        page.context().close();
    }

    @Test
    void it_is_read_by_keyboard_alone() {
        Page page = page(new Browser.NewContextOptions(), new ArrayList<>(), new ArrayList<>());

        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.className")).isEqualTo("skip");
        page.keyboard().press("Enter");
        assertThat(page.url()).endsWith("#verdict");
        var folded = page.locator("#records details").first();
        folded.locator("summary").focus();
        boolean open = (boolean) folded.evaluate("one => one.open");
        page.keyboard().press("Enter");
        assertThat(folded.evaluate("one => one.open")).isEqualTo(!open);
        page.context().close();
    }

    @Test
    void it_prints() {
        Page page = page(new Browser.NewContextOptions(), new ArrayList<>(), new ArrayList<>());
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));

        byte[] pdf = page.pdf(new Page.PdfOptions().setPath(FOLDER.resolve("report.pdf")).setFormat("A4"));

        assertThat(new String(Arrays.copyOf(pdf, 5), java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
        assertThat(isTooWide(page)).isFalse();
        page.context().close();
    }

    @Test
    void it_is_complete_where_not_even_its_own_style_is_allowed() throws IOException {
        // As Jenkins serves what a build has left: sandboxed, and no style but from a file.
        String html = Files.readString(report);
        Path bare = Files.writeString(
                FOLDER.resolve("bare.html"), html.replace("style-src 'unsafe-inline'", "style-src 'self'"));
        BrowserContext context = browser.newContext(new Browser.NewContextOptions().setOffline(true));
        Page page = context.newPage();
        page.navigate(bare.toUri().toString());

        assertThat(page.locator("h1").innerText()).contains("FAIL");
        assertThat(page.locator("#records details").first().isVisible()).isTrue();
        assertThat(page.locator("svg rect").first().getAttribute("fill")).isNotEmpty();
        context.close();
    }
}
