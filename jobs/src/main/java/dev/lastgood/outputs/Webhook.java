package dev.lastgood.outputs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.record.JsonValues;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * Sends bodies to an address that is itself a secret: whoever has it can write there, so no message names it. Redirects are
 * not followed.
 */
public final class Webhook {
    private static final int TRIES = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int TOO_MANY = 429;

    private final URI address;
    private final Duration pause;

    private Webhook(URI address, Duration pause) {
        this.address = address;
        this.pause = pause;
    }

    /**
     * Nothing if this is no address of http or https.
     *
     * @param pause before the second try; twice as long before the third
     */
    public static Optional<Webhook> to(String address, Duration pause) {
        try {
            URI uri = URI.create(address.strip());
            boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            return http && uri.getHost() != null ? Optional.of(new Webhook(uri, pause)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Sends it, up to three times as long as that may help. What went wrong in the end; empty if it was taken. */
    public String send(JsonNode body) {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(JsonValues.write(body)))
                .build();
        String wrong = "";
        for (int tried = 1; tried <= TRIES; tried++) {
            try {
                int status = client.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (status / 100 == 2) {
                    return "";
                }
                wrong = "it answered with status " + status;
                if (status / 100 != 5 && status != TOO_MANY) {
                    return wrong;
                }
            } catch (IOException e) {
                // Its message may hold the address.
                wrong = "it could not be reached (%s)".formatted(e.getClass().getSimpleName());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "it was interrupted";
            }
            if (tried < TRIES && !paused(tried)) {
                return "it was interrupted";
            }
        }
        return "%s, %d times".formatted(wrong, TRIES);
    }

    private boolean paused(int tried) {
        try {
            Thread.sleep(pause.multipliedBy(tried).toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
