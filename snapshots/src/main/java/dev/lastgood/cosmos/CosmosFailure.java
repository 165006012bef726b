package dev.lastgood.cosmos;

import com.azure.cosmos.CosmosException;
import java.util.Set;

/** What an answer of the service, or the lack of one, means. Never shows what a document holds. */
public final class CosmosFailure {
    /** The service has looked at the request and not carried it out. */
    private static final Set<Integer> REFUSALS = Set.of(400, 401, 403, 404, 405, 409, 412, 413, 424, 429, 449);

    public static final int NOT_FOUND = 404;
    public static final int CONFLICT = 409;
    public static final int PRECONDITION = 412;
    public static final int HELD_BACK = 424;
    private static final int BEHIND = 1002;
    private static final int OWNER_GONE = 1003;

    private CosmosFailure() {}

    /** Whether it is certain that a write that was answered so was not carried out, and never will be. */
    public static boolean isRefusal(int status) {
        return REFUSALS.contains(status);
    }

    /**
     * Whether it says that there is no such document. With a sub-status it says something else: that a replica has not
     * caught up, or that the container is gone.
     */
    static boolean isAbsent(int status, int subStatus) {
        return status == NOT_FOUND && subStatus == 0;
    }

    /** A clause in our words. */
    public static String told(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CosmosContainer.Inexact inexact) {
                return String.valueOf(inexact.getMessage());
            }
            if (cause instanceof CosmosException answered) {
                return told(answered.getStatusCode(), answered.getSubStatusCode());
            }
        }
        return "no answer (%s)".formatted(root(failure).getClass().getSimpleName());
    }

    /** The status of the answer that made this fail; 0: there was none. */
    public static int status(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CosmosException answered) {
                return answered.getStatusCode();
            }
        }
        return 0;
    }

    static String told(int status, int subStatus) {
        String what = switch (status) {
            case 400 -> "the service does not understand the request";
            case 401 -> "the key or identity is not accepted";
            case 403 -> "the identity may not do that, or the network is closed to it";
            case NOT_FOUND ->
                switch (subStatus) {
                    case BEHIND -> "the replica that was asked has not caught up";
                    case OWNER_GONE -> "there is no such container";
                    default -> "there is no such thing";
                };
            case 408 -> "no answer in time";
            case CONFLICT -> "there is a document with that key";
            case 410 -> "the partition has moved";
            case PRECONDITION -> "the document has been written since it was read";
            case 413 -> "the request is too large";
            case HELD_BACK -> "another write of its transaction was refused";
            case 429 -> "too many requests for too long";
            case 449 -> "another write to the document was under way";
            case 503 -> "the service is not available";
            default -> "the service failed";
        };
        return subStatus == 0 ? "%s (%d)".formatted(what, status) : "%s (%d/%d)".formatted(what, status, subStatus);
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
