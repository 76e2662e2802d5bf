package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.judge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.reward.StubJudge.Reply;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.judge.JudgeBudget;
import ai.consilium.reward.judge.JudgeKeys;
import ai.consilium.reward.scorer.builtin.RubricType.RubricKeys;
import ai.consilium.reward.scorer.http.HttpType.HttpKeys;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reward service with keys in its environment and in a file, asked to score by services that repeat them in every way that goes
 * well or wrong: nothing that it says, writes or shows holds one.
 */
class ScorerSecretsIT {
    private static final int TRAJECTORIES = 4;
    private static final String REDACTED = "***";

    @WithKafka
    private static EmbeddedCluster cluster;

    private final String inEnvironment = "sk-env-" + UUID.randomUUID();
    private final String inFile = "sk-file-" + UUID.randomUUID();
    private final String unfit = "sk-unfit-" + UUID.randomUUID();
    private final Set<String> sent = ConcurrentHashMap.newKeySet();

    @Test
    void givenServicesThatRepeatTheirKeysWhenScoredThenNoKeyIsSaidWrittenOrShown(
            @TempDir Path data, @TempDir Path elsewhere) throws Exception {
        // given
        Path file = Files.writeString(elsewhere.resolve("key"), inFile + "\n");
        Map<String, String> environment =
                Map.of("SCORER_ENV", inEnvironment, "SCORER_FILE_FILE", file.toString(), "SCORER_UNFIT", unfit + "\nx");
        try (RewardRig rig = new RewardRig(cluster.run("adult_medicine"), data);
                StubJudge judge = new StubJudge(
                        (request, exchange) -> judged(request.path("model").asText(), authorization(exchange)));
                StubScorer scorer = new StubScorer((server, exchange, question) -> scored(exchange))) {
            Files.writeString(data.resolve("one.yaml"), "- {weight: 1, requirement: Names the urea}\n");
            Files.writeString(
                    data.resolve("two.yaml"),
                    "- {weight: 1, requirement: Is brief}\n- {weight: 1, requirement: Is kind}\n");
            List<ScorerConfig> scorers = new ArrayList<>(List.of(check("format")));
            for (String variable : List.of("ENV", "FILE", "UNFIT", "ABSENT")) {
                for (String way : List.of("ok", "401", "429", "500", "garbage", "hostile")) {
                    scorers.add(judgedBy(judge.url(), way, variable, null));
                    scorers.add(http(scorer.url() + "?" + way, way, variable));
                }
                scorers.add(http("http://127.0.0.1:1/score", "closed", variable));
            }
            scorers.add(judgedBy(judge.url(), "ok", "ENV", new JudgeBudget(1L, null, null, null)));
            String plan = rig.publish(RewardProcess.config(scorers.toArray(ScorerConfig[]::new)));
            rig.sendMany("g", TRAJECTORIES, plan);

            // when
            List<Scores> all;
            List<String> pages;
            try (RewardProcess process = RewardProcess.start(rig.run().kafka().settings(), data, environment)) {
                all = rig.until(records -> process.alive() && scores(records).size() >= TRAJECTORIES * scorers.size());
                pages = pages(data);
            }

            // then
            assertThat(sent)
                    .containsExactlyInAnyOrder("Bearer " + inEnvironment, "Bearer " + inFile, inEnvironment, inFile);
            Map<String, String> places = new TreeMap<>();
            places.put("pages", String.join("\n", pages));
            places.putAll(files(data));
            places.putAll(topics(rig.run().kafka()));
            assertThat(places.keySet())
                    .anyMatch(place -> place.endsWith(RewardProcess.LOG))
                    .anyMatch(place -> place.contains(RewardProcess.ANSWERS))
                    .contains(rig.run().kafka().topic(Topics.SCORES));
            places.forEach((place, text) -> assertThat(text)
                    .as(place)
                    .doesNotContain(inEnvironment)
                    .doesNotContain(inFile)
                    .doesNotContain(unfit));
            assertThat(places.get("pages")).contains("consilium_reward_scorer_up");
            assertThat(scores(all))
                    .anySatisfy(score -> assertThat(String.valueOf(score.getUnscoredReason()))
                            .contains(REDACTED))
                    .anySatisfy(score ->
                            assertThat(String.valueOf(score.getEvidence())).contains(REDACTED));
            String log = Files.readString(data.resolve(RewardProcess.LOG));
            assertThat(log.lines().filter(line -> line.contains("its budget is spent")))
                    .hasSize(1);
            assertThat(scores(all).stream()
                            .filter(score -> score.getScorer().equals("judge-spare"))
                            .map(Score::getUnscoredReason)
                            .filter(Objects::nonNull))
                    .hasSize(TRAJECTORIES)
                    .containsOnly("the budget of 1 requests is spent");
        }
    }

    private String authorization(HttpExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        sent.add(String.valueOf(header));
        return String.valueOf(header);
    }

    private static Reply judged(String way, String header) {
        return switch (way) {
            case "ok" -> Reply.met(true, "told " + header);
            case "garbage" -> new Reply(200, "<html>" + header);
            case "hostile" ->
                Reply.saying("{\"explanation\": \"" + header + "\", \"criteria_met\": \"" + header + "\"}");
            default -> Reply.error(Integer.parseInt(way), "you sent " + header);
        };
    }

    private void scored(HttpExchange exchange) throws IOException {
        String header = String.valueOf(exchange.getRequestHeaders().getFirst("X-Key"));
        sent.add(header);
        String way = exchange.getRequestURI().getQuery();
        switch (way) {
            case "ok" -> StubScorer.reply(exchange, 200, "{\"score\": 1, \"evidence\": [\"told " + header + "\"]}");
            case "garbage" -> StubScorer.reply(exchange, 200, "<html>" + header);
            case "hostile" -> StubScorer.reply(exchange, 200, "{\"unscored\": \"you sent " + header + "\"}");
            default -> StubScorer.reply(exchange, Integer.parseInt(way), "you sent " + header);
        }
    }

    /** Nobody waits for it, so that one that is down keeps nobody. */
    private static ScorerConfig judgedBy(String url, String way, String variable, @Nullable JudgeBudget budget) {
        JudgeKeys keys = judge(url, way, "SCORER_" + variable, Duration.ofSeconds(30), budget);
        String name = budget == null ? "judge-" + way + "-" + variable.toLowerCase(Locale.ROOT) : "judge-spare";
        return new ScorerConfig(
                name,
                "rubric",
                false,
                false,
                new RubricKeys(budget == null ? "one.yaml" : "two.yaml", null, null, keys));
    }

    private static ScorerConfig http(String url, String way, String variable) {
        return new ScorerConfig(
                "http-" + way + "-" + variable.toLowerCase(Locale.ROOT),
                "http",
                false,
                false,
                new HttpKeys(url, null, Duration.ofSeconds(30), 1, Map.of("X-Key", "SCORER_" + variable)));
    }

    private static List<Score> scores(List<Scores> records) {
        return records.stream().flatMap(record -> record.getScores().stream()).toList();
    }

    private static List<String> pages(Path data) throws IOException, InterruptedException {
        await().atMost(RewardRig.PATIENCE).until(() -> RewardProcess.page(data).isPresent());
        String url = RewardProcess.page(data).orElseThrow();
        List<String> pages = new ArrayList<>();
        for (String path : List.of("/metrics", "/livez", "/readyz")) {
            pages.add(HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofString())
                    .body());
        }
        return pages;
    }

    private static Map<String, String> files(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(Files::isRegularFile).collect(Collectors.toMap(Path::toString, ScorerSecretsIT::text));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that stands in the run's topics, keys and headers too. */
    private static Map<String, String> topics(KafkaClients kafka) {
        Map<String, String> texts = new TreeMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.connectionProperties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            for (Topics topic : Topics.values()) {
                List<TopicPartition> partitions = LogReader.partitionsOf(consumer, kafka.topic(topic));
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                StringBuilder text = new StringBuilder();
                while (partitions.stream()
                        .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                        append(text, record.key());
                        append(text, record.value());
                        record.headers().forEach(header -> append(text, header.value()));
                    }
                }
                texts.put(kafka.topic(topic), text.toString());
            }
        }
        return texts;
    }

    private static void append(StringBuilder text, byte @Nullable [] bytes) {
        if (bytes != null) {
            text.append(new String(bytes, StandardCharsets.ISO_8859_1)).append('\n');
        }
    }
}
