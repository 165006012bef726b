package dev.lastgood.restore;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The process that has a run. */
public interface Owner {

    /** Tells it from every other process, ever. */
    String name();

    /** Whether it is certain that the process of that name has ended. */
    boolean isGone(String name);

    /** This process, which can tell of others on the same host whether they are there. */
    static Owner process() {
        return new Owner() {
            @Override
            public String name() {
                ProcessHandle self = ProcessHandle.current();
                return "%s %d %s".formatted(host(), self.pid(), start(self));
            }

            @Override
            public boolean isGone(String name) {
                List<String> parts = List.of(name.split(" ", -1));
                if (parts.size() != 3 || !parts.get(0).equals(host())) {
                    return false;
                }
                try {
                    // Process ids are used again: a process that began at another time is another one.
                    return ProcessHandle.of(Long.parseLong(parts.get(1)))
                            .map(process -> !start(process).equals(parts.get(2)))
                            .orElse(true);
                } catch (NumberFormatException e) {
                    return false;
                }
            }
        };
    }

    private static String start(ProcessHandle process) {
        Optional<Instant> start = process.info().startInstant();
        return start.map(Instant::toString).orElse("unknown");
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
