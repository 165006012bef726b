package dev.lastgood.cli;

import dev.lastgood.job.Workplace;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The private key of an approver. */
final class ApprovalKey {
    private ApprovalKey() {}

    /** The PEM in the file, or in the environment; null: there is none. */
    static @Nullable String pem(@Nullable Path file, Workplace workplace, Common common) {
        if (file != null) {
            return InputFile.read(file).text();
        }
        // One that is in the environment is for those workspaces that ask for it.
        return workplace.workspace().approval().keys().isEmpty()
                ? null
                : common.environment().get("LASTGOOD_APPROVAL_KEY");
    }
}
