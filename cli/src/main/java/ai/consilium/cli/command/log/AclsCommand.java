package ai.consilium.cli.command.log;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.ConsiliumConfig.KafkaSection;
import ai.consilium.cli.provision.AclFormats;
import ai.consilium.cli.provision.AclRule;
import ai.consilium.cli.provision.RoleAcls;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium topics acls}. */
@Command(
        name = "acls",
        description = {
            "The least rights that each role of a run needs on a cluster with an authorizer, from the catalogue of topics.",
            "Prints them; asks no cluster. 'observer' is whoever inspects a run: status, steps, trace, rescore, export,"
                    + " dead-letters list and show; 'redrive' is dead-letters redrive; 'scorer' is a process of type kafka; 'promote' is"
                    + " scorers promote, demote, retire and add, and control."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium topics acls --set run_id=RUN -o sh --principal User:consilium-{role} > acls.sh",
            "  consilium topics acls --set run_id=RUN -o strimzi --cluster hospital | kubectl apply -f -"
        })
final class AclsCommand implements Callable<Integer> {
    private static final String ROLE = "{role}";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ProvisionOptions options;

    @Option(names = "--role", paramLabel = "ROLE", description = "Only this role. Repeatable.")
    private List<String> only = List.of();

    @Option(
            names = "--principal",
            paramLabel = "TEMPLATE",
            defaultValue = "User:" + ROLE,
            description = "Who a role logs in as, with " + ROLE + " for its name, for sh (default: ${DEFAULT-VALUE}).")
    private String principal = "User:" + ROLE;

    @Override
    public Integer call() throws IOException {
        ConsiliumConfig config = options.config();
        Map<String, List<AclRule>> rules = chosen(new RoleAcls(config.runId()).all());
        PrintWriter out = spec.commandLine().getOut();
        switch (options.format()) {
            case TABLE -> out.print(AclFormats.table(rules));
            case JSON -> out.println(ReportJson.write(rules));
            case SH ->
                out.print(AclFormats.shell(
                        rules,
                        principals(rules),
                        config.kafka().properties().getOrDefault(KafkaSection.BOOTSTRAP, "HOST:9092")));
            case STRIMZI -> out.print(AclFormats.strimzi(rules, options.cluster(), config.runId()));
        }
        out.flush();
        return 0;
    }

    private Map<String, List<AclRule>> chosen(Map<String, List<AclRule>> all) {
        for (String role : only) {
            if (!all.containsKey(role)) {
                throw new UsageException("--role: '" + role + "' is not one of " + String.join(", ", all.keySet()));
            }
        }
        Map<String, List<AclRule>> chosen = new LinkedHashMap<>(all);
        if (!only.isEmpty()) {
            chosen.keySet().retainAll(only);
        }
        return chosen;
    }

    private Map<String, String> principals(Map<String, List<AclRule>> rules) {
        Map<String, String> principals = new LinkedHashMap<>();
        rules.keySet().forEach(role -> principals.put(role, principal.replace(ROLE, role)));
        return principals;
    }
}
