// The report of a run: the same panels as the live page, from data that the page contains.
import { byId, element, figures, number, plain, table, words } from "./dom.js";
import { redrawOnChange } from "./charts.js";
import { completion, pictures, prompts, shadingChoice } from "./completion.js";
import { showFigures } from "./figures.js";
import { showMerge } from "./merge.js";
import { showCharts } from "./panels.js";

const percent = (share) => number(100 * share, 1);
const points = (share) => `${share > 0 ? "+" : ""}${percent(share)}`;
const nameOf = (name) => plain(name).replaceAll("_", " ");

function about(report) {
  figures(byId("about"), report.about.map((fact) => [plain(fact.name), plain(fact.value)]));
  byId("as-default").hidden = report.settings.length > 0 || !report.configuration;
  byId("settings").hidden = report.settings.length === 0;
  table(byId("settings"), ["setting", { words: "default" }, { words: "here" }],
    report.settings.map((setting) => [plain(setting.key), { words: plain(setting.standard) }, { words: plain(setting.value) }]));
  byId("configuration").hidden = !report.configuration;
  byId("configuration").querySelector("pre").textContent = plain(report.configuration);
}

function results(cells, comparisons) {
  if (!cells) return;
  const rows = Object.entries(cells);
  const columns = Object.keys(rows[0][1]);
  byId("no-results").hidden = true;
  byId("results").hidden = false;
  table(byId("results"), ["", ...columns.map(nameOf)], [
    ...rows.map(([row, byColumn]) => [nameOf(row), ...columns.map((column) => {
      const cell = byColumn[column];
      return cell.n ? `${percent(cell.accuracy)} [${percent(cell.low)}, ${percent(cell.high)}]` : "–";
    })]),
    ["cases", ...columns.map((column) => rows[0][1][column].n)],
  ]);
  if (!comparisons?.length) return;
  byId("comparisons").hidden = false;
  const pairs = [...new Set(comparisons.map((one) => `${one.row} against ${one.against}`))];
  table(byId("comparisons"), ["", ...columns.map(nameOf)], pairs.map((pair) => [nameOf(pair), ...columns.map((column) => {
    const one = comparisons.find((it) => `${it.row} against ${it.against}` === pair && it.column === column);
    return one ? `${points(one.difference)} [${points(one.low)}, ${points(one.high)}]` : "–";
  })]));
}

function sample(one) {
  const node = element("article", null, "card");
  const group = one.group;
  node.append(element("h4", `${one.right ? "Right" : "Wrong"}: case ${plain(group.summary.case_id)}`));
  if (group.problem !== null) node.append(element("p", `Not all can be shown: ${plain(group.problem)}`, "warning"));
  node.append(pictures(group, (image) => one.images[image.sha256]), ...prompts(group));
  const most = Math.max(...group.samples.map((it) => Math.abs(it.advantage ?? 0)));
  node.append(...group.samples.map((it) => completion(it, most)));
  return node;
}

function samples(list) {
  byId("samples-told").textContent = list.length
    ? "Of each policy's newest groups the shortest completions that taught something, right and wrong."
    : "There are none: nothing was trained on yet, or the trajectories have left the log.";
  if (!list.length) return;
  const place = byId("sample");
  place.append(shadingChoice(place));
  for (const policy of [...new Set(list.map((one) => one.policy))]) {
    const side = element("div", null, "cards");
    side.append(...list.filter((one) => one.policy === policy).map(sample));
    place.append(element("h3", words(policy)), side);
  }
}

/** Most of what a run cost is seconds; the names of the rest tell what it is. */
function cost(name, value) {
  if (name.endsWith("_share")) return `${percent(value)} %`;
  return name.endsWith("_tokens") ? value.toLocaleString() : number(value, 1);
}

function ends(report, picture) {
  byId("balance").textContent = picture.books.open === 0
    ? `Every one of the ${picture.books.prompts.toLocaleString()} groups has an outcome.`
    : `${picture.books.open} of ${picture.books.prompts.toLocaleString()} groups have no outcome yet.`;
  const timings = Object.entries(report.timings);
  byId("timings").hidden = timings.length === 0;
  table(byId("timings"), ["phase", "seconds"],
    timings.map(([name, value]) => [nameOf(name), cost(name, value)]));
  byId("lineage").hidden = report.lineage.length === 0;
  table(byId("lineage"), ["version", { words: "SHA-256" }], report.lineage.map((head) => [plain(head.version), { words: head.sha256 }]));
}

const report = JSON.parse(byId("report-data").textContent);
document.title = `Consilium: ${plain(report.picture.run_id)}`;
showFigures(report.picture);
about(report);
results(report.results, report.comparisons);
showCharts(report.charts);
showMerge(report.picture, async () => report.conflict);
samples(report.samples);
ends(report, report.picture);
redrawOnChange(byId("main"));
document.documentElement.dataset.charts = "drawn";
