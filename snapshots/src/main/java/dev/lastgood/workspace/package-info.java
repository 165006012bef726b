/** What is audited, where backups lie, and who may write: {@code lastgood.yaml} as a model, and its reader. */
@NullMarked
package dev.lastgood.workspace;

import org.jspecify.annotations.NullMarked;
