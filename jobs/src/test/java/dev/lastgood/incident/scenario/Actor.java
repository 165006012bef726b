package dev.lastgood.incident.scenario;

/** What writes a record. Two versions of the application run side by side, and a region serves its own records. */
record Actor(String version, String region, String channel, String writer) {
    static final String OLD = "4.2.0";
    static final String NEW = "4.2.1";

    String dimension(String name) {
        return switch (name) {
            case "app_version" -> version;
            case "region" -> region;
            case "channel" -> channel;
            case "writer" -> writer;
            default -> throw new IllegalArgumentException(name);
        };
    }

    Fields stamps() {
        return Fields.of("app_version", version, "region", region, "channel", channel, "writer", writer);
    }
}
