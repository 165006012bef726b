package dev.lastgood.suggest;

import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.SuggestJob;
import dev.lastgood.job.Workplace;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SuggestJobTest {
    @TempDir
    static Path folder;

    @Test
    void print() throws Exception {
        WorkspaceForTests shop = ShopToLearnFrom.in(folder);
        Workplace workplace = shop.workplace();
        new SuggestJob(workplace).suggest(workplace.datasets(List.of()), "");
        SuggestJob.Suggested suggested = new SuggestJob(workplace).suggest(workplace.datasets(List.of()), "");
        System.out.println(suggested.suggestions().yaml());
        System.out.println(suggested.suggestions().known() + " known, dropped " + suggested.suggestions().dropped());
    }
}
