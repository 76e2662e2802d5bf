// What stands in words and numbers at the top: the run, its specialties, groups and scorers.
import { byId, duration, element, figures, number, plain, table, words } from "./dom.js";

const OUTCOMES = ["trained", "filtered", "rejected", "stale", "abandoned", "unused", "examined"];
const KEYS = [["accuracy", "reward/accuracy"], ["guideline", "reward/guideline"], ["format", "reward/format"]];

function card(specialty, steps) {
  const made = element("article", null, "card");
  const version = specialty.version ?? 0;
  const title = element("h3", words(specialty.name));
  title.append(element("span", specialty.version === null ? specialty.phase : `${specialty.phase} · step ${version}${steps ? ` of ${steps}` : ""}`));
  const progress = element("progress");
  progress.max = Math.max(1, steps || version);
  progress.value = version;
  progress.setAttribute("aria-label", `steps of ${words(specialty.name)}`);
  const list = element("dl", null, "figures");
  const examined = specialty.validation;
  figures(list, [
    ...KEYS.map(([name, figure]) => [name, number(specialty.figures[figure], 2)]),
    ...(examined ? [["validation", `${number(examined.accuracy, 2)} at ${examined.version}`]] : []),
    ["tokens/s", number(specialty.tokens_per_second, 0)],
    ["trajectories", specialty.trajectories.toLocaleString()],
    ["open groups", specialty.books.open],
  ]);
  made.append(title, progress, list);
  return made;
}

function bookRow(name, books) {
  return [name, books.prompts, ...OUTCOMES.map((outcome) => books.outcomes[outcome]), books.open];
}

export function showFigures(picture) {
  byId("run-id").textContent = plain(picture.run_id);
  byId("sentence").textContent = plain(picture.sentence);
  byId("phase").textContent = plain(picture.phase);
  byId("simulated").hidden = !picture.simulated;
  byId("reading").hidden = !picture.reading;
  figures(byId("run-figures"), [
    ["elapsed", duration(picture.elapsed_ms)],
    ...(picture.finished ? [] : [["time left", duration(picture.left_ms)], ["tokens/s", number(picture.tokens_per_second, 0)]]),
    ["tokens", picture.tokens.toLocaleString()],
    ...(picture.edition ? [["training cases", `${picture.edition.cases.toLocaleString()} since round ${picture.edition.round}`]] : []),
  ]);
  byId("specialties").replaceChildren(...picture.specialties.map((specialty) => card(specialty, picture.steps)));
  table(byId("books"), ["specialty", "prompts", ...OUTCOMES, "open"], [
    ...picture.specialties.map((specialty) => bookRow(words(specialty.name), specialty.books)),
    ...(picture.unified ? [bookRow("unified", picture.unified.books)] : []),
    bookRow("all", picture.books),
  ]);
  table(byId("scorers"), ["scorer", "scored", "mean", "unscored", "ms", { words: "last reason unscored" }],
    picture.scorers.map((scorer) => [plain(scorer.name) + (scorer.shadow ? " (shadow)" : ""), scorer.scored,
      number(scorer.mean, 3), scorer.unscored, number(scorer.latency_ms, 1), { words: plain(scorer.last_reason ?? "") }]));
}
