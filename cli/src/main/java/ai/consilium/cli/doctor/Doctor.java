package ai.consilium.cli.doctor;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.memory.MemoryReport;
import ai.consilium.cli.run.BuildInfo;
import ai.consilium.cli.run.Cluster;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.torch.TorchRuntime;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeFeaturesResult;

/**
 * Looks at everything that a run with a configuration would need, and changes nothing.
 *
 * @param base directory that files named in the configuration are relative to
 * @param runs where runs are kept
 */
public record Doctor(ConsiliumConfig config, Path base, Path runs) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LITTLE = 1 << 20;

    /** Looks at one thing. */
    private interface Look {
        /** What is there. @throws UsageException, ModelException or CaseException saying what is wrong */
        Finding at() throws InterruptedException;
    }

    /** All findings, in the order in which a run would need things. */
    public List<Finding> examine() throws InterruptedException {
        PreflightChecks checks = new PreflightChecks(config);
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("version", String.join(", ", new BuildInfo().getVersion())));
        findings.add(Machine.processors(config.compute().dtype().equals("bf16")
                && config.compute().device().equals("cpu")));
        findings.add(Machine.memory());
        findings.add(Machine.allocator());
        findings.add(Machine.disk(runs));
        look(findings, "libtorch", () -> {
            TorchRuntime.start();
            checks.device();
            return Finding.ok("libtorch", "loads; device " + config.compute().device());
        });
        look(findings, "model", () -> {
            ModelDirectory model = checks.model();
            return Finding.ok(
                    "model", model.path() + ", SHA-256 " + model.hash().substring(0, 12));
        });
        if (config.embedded()) {
            look(findings, "need", () -> {
                checks.memory("train", MemoryReport.ALL);
                return Finding.ok("need", "train fits in this memory; consilium memory says what takes how much");
            });
        }
        look(findings, "prompts", () -> {
            PromptLayout layout = checks.prompts(checks.modelDirectory(), base);
            return Finding.ok("prompts", layout.name() + ", perspectives " + String.join(", ", layout.perspectives()));
        });
        look(findings, "scorers", () -> {
            checks.scoring(base);
            return Finding.ok(
                    "scorers",
                    config.reward().scorers().stream()
                            .map(scorer -> scorer.name())
                            .collect(Collectors.joining(", ")));
        });
        look(findings, "cases", () -> cases(checks));
        if (config.embedded()) {
            look(findings, "ports", () -> {
                checks.portsOfCluster();
                return Finding.ok("ports", "free");
            });
            findings.add(Finding.ok("cluster", "embedded: broker and registry start with the run"));
        } else {
            look(findings, "cluster", this::cluster);
        }
        for (String url : config.rollout().remote() ? config.rollout().vllm().urls() : List.<String>of()) {
            findings.add(server(url));
        }
        return findings;
    }

    private static void look(List<Finding> findings, String subject, Look look) throws InterruptedException {
        try {
            findings.add(look.at());
        } catch (UsageException | ModelException | CaseException wrong) {
            Finding problem = Finding.problem(subject, String.valueOf(wrong.getMessage()));
            // What needs the model cannot be looked at without it; that is said once.
            if (findings.stream().noneMatch(other -> other.detail().equals(problem.detail()))) {
                findings.add(problem);
            }
        }
    }

    private Finding cases(PreflightChecks checks) {
        if (config.simulated()) {
            checks.clinic();
            return Finding.ok("cases", "simulated: Consilium's clinic, not patients");
        }
        DataSet data = checks.cases();
        String counts = data.train().cases().size() + " to train on, "
                + data.validation().cases().size() + " to validate, "
                + data.test().cases().size() + " held out";
        return Finding.warning(
                "cases",
                counts + " in " + data.root(),
                "pictures and traces are not looked at here: consilium cases check " + data.root());
    }

    private Finding cluster() throws InterruptedException {
        KafkaClients kafka = Cluster.configured(config).clients(config, config.runId());
        try (Admin admin = kafka.admin()) {
            int brokers = admin.describeCluster()
                    .nodes()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .size();
            DescribeFeaturesResult asked = admin.describeFeatures();
            Map<String, ?> features = asked.featureMetadata()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .finalizedFeatures();
            String detail = brokers + (brokers == 1 ? " broker" : " brokers") + " and a schema registry answer";
            if (!features.containsKey("share.version")) {
                return Finding.problem(
                        "cluster",
                        detail
                                + "; share groups are off, from which rollout workers take prompts: Kafka 4.2 or newer, and"
                                + " kafka-features.sh upgrade --feature share.version=1");
            }
            if (brokers < config.kafka().replicationFactor()) {
                return Finding.problem(
                        "cluster",
                        detail + "; kafka.replication_factor is "
                                + config.kafka().replicationFactor());
            }
            return brokers == 1
                    ? Finding.warning("cluster", detail, "a lost broker loses the run: take three")
                    : Finding.ok("cluster", detail);
        } catch (ExecutionException | TimeoutException e) {
            throw new UsageException("the brokers do not say what they are: " + e.getMessage(), e);
        }
    }

    private static Finding server(String url) throws InterruptedException {
        HttpClient client = RemoteHttp.client();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url).resolve("/health"))
                .timeout(PATIENCE)
                .build();
        CompletableFuture<HttpResponse<byte[]>> reply = RemoteHttp.send(client, request, LITTLE);
        try {
            int status = reply.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).statusCode();
            return status == 200
                    ? Finding.ok("vllm", url + " answers")
                    : Finding.problem("vllm", url + " answers with status " + status);
        } catch (ExecutionException | TimeoutException e) {
            reply.cancel(true);
            return Finding.problem("vllm", url + ": " + RemoteHttp.reason(e.getCause() == null ? e : e.getCause()));
        }
    }
}
