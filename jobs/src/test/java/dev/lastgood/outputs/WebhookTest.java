package dev.lastgood.outputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WebhookTest {
    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Integer> answers = new ArrayDeque<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(answers.isEmpty() ? 200 : answers.removeFirst(), -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String sent() {
        String address =
                "http://127.0.0.1:%d/secret-8c1f".formatted(server.getAddress().getPort());
        String wrong = Webhook.to(address, Duration.ZERO)
                .orElseThrow()
                .send(JsonNodeFactory.instance.objectNode().put("verdict", "FAIL"));
        assertThat(wrong).doesNotContain("secret-8c1f");
        return wrong;
    }

    @Test
    void what_is_taken_is_sent_once() {
        assertThat(sent()).isEmpty();
        assertThat(received).containsExactly("{\"verdict\":\"FAIL\"}");
    }

    @Test
    void a_service_that_is_down_for_a_moment_is_asked_again() {
        answers.addAll(List.of(503, 429));

        assertThat(sent()).isEmpty();
        assertThat(received).hasSize(3);
    }

    @Test
    void a_service_that_stays_down_is_asked_three_times() {
        answers.addAll(List.of(500, 502, 503, 200));

        assertThat(sent()).isEqualTo("it answered with status 503, 3 times");
        assertThat(received).hasSize(3);
    }

    @Test
    void a_refusal_is_final_and_nobody_else_is_told() {
        answers.addAll(List.of(302));

        assertThat(sent()).isEqualTo("it answered with status 302");
        assertThat(received).hasSize(1);
    }

    @Test
    void a_service_that_is_not_there_is_said_without_its_address() {
        stop();

        assertThat(sent()).startsWith("it could not be reached (").endsWith(", 3 times");
    }

    @Test
    void what_is_no_address_is_none() {
        assertThat(Webhook.to("ftp://127.0.0.1/x", Duration.ZERO)).isEmpty();
        assertThat(Webhook.to("127.0.0.1/x y", Duration.ZERO)).isEmpty();
        assertThat(Webhook.to("https:///x", Duration.ZERO)).isEmpty();
    }
}
