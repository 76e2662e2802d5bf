package ai.consilium.cli.memory;

import ai.consilium.cli.memory.MemoryLine.When;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * What a process needs.
 *
 * @param command that starts it
 * @param mapped bytes of files' pages, which can be dropped and read again
 * @param own bytes that only it has: what is always there, and as many steps as it has compute threads, the largest
 */
public record ProcessNeed(String command, long mapped, long own) {
    static ProcessNeed of(String command, List<RoleMemory> roles, int threads) {
        long mapped = 0;
        long own = 0;
        List<Long> steps = new ArrayList<>();
        for (RoleMemory role : roles) {
            mapped += role.bytes(When.MAPPED);
            own += role.bytes(When.ALWAYS);
            steps.addAll(Collections.nCopies(role.atOnce(), role.stepBytes()));
        }
        steps.sort(Comparator.reverseOrder());
        for (long step : steps.subList(0, Math.min(threads, steps.size()))) {
            own += step;
        }
        return new ProcessNeed(command, mapped, own);
    }
}
