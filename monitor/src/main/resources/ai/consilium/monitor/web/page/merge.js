// What the merger made, and how much the experts were at odds.
import { brief, byId, element, fetched, number, plain, table, words } from "./dom.js";

const MEASURES = ["sign_conflict_rate", "cancelled_mass", "pairwise_cosine", "subspace_overlap", "activation_interference"];
const LEVELS = 10;
let shownFor = null;

function agents(list) {
  const names = [...new Set(list.flatMap((agent) => Object.keys(agent.figures)))].sort();
  table(byId("agents"), ["version", { words: "made by" }, "round", { words: "agent" }, ...names],
    list.map((agent) => [agent.version, { words: agent.kind }, agent.round, { words: agent.agent ? "yes" : "no" },
      ...names.map((name) => brief(agent.figures[name]))]));
}

/** One cell a weight: rows are layers, columns are projections. */
function heatMap(report, measure) {
  const weights = report.weights.filter((weight) => typeof weight[measure] === "number");
  const layers = [...new Set(weights.map((weight) => weight.layer))].sort((a, b) => a - b);
  const projections = [...new Set(weights.map((weight) => weight.projection))];
  const low = Math.min(...weights.map((weight) => weight[measure]));
  const high = Math.max(...weights.map((weight) => weight[measure]));
  const made = element("table", null, "heat");
  made.append(element("caption", `${words(measure)} by layer and projection, ${number(low, 3)} to ${number(high, 3)}`));
  table(made, ["layer", ...projections.map(plain)], layers.map((layer) => [layer, ...projections.map((projection) => {
    const weight = weights.find((one) => one.layer === layer && one.projection === projection);
    if (!weight) return "–";
    const level = high > low ? Math.min(LEVELS - 1, Math.floor(LEVELS * (weight[measure] - low) / (high - low))) : 0;
    return { node: element("span", number(weight[measure], 2), `heat-${level}`) };
  })]));
  return made;
}

function conflict(report) {
  const place = byId("conflict");
  const measures = MEASURES.filter((measure) => report.weights.some((weight) => typeof weight[measure] === "number"));
  if (!measures.length) return;
  const label = element("label", "Conflict of the experts by ");
  const choice = element("select");
  measures.forEach((measure) => {
    const option = element("option", words(measure));
    option.value = measure;
    choice.append(option);
  });
  label.append(choice);
  const wide = element("div", null, "wide");
  wide.tabIndex = 0;
  wide.setAttribute("role", "region");
  wide.setAttribute("aria-label", "Conflict by weight");
  const show = () => wide.replaceChildren(heatMap(report, choice.value));
  choice.addEventListener("change", show);
  show();
  place.replaceChildren(label, wide);
  place.hidden = false;
}

/** @param report gives the merger's report of conflicts, or null */
export function showMerge(picture, report = () => fetched("api/conflict")) {
  const list = picture.agents;
  byId("no-merge").hidden = list.length > 0;
  byId("agents").hidden = list.length === 0;
  if (list.length === 0) return;
  agents(list);
  const newest = `${list[0].version} ${list[0].at_ms}`;
  if (newest !== shownFor) {
    shownFor = newest;
    // The file follows its version on the log by a moment; the next version asks again.
    report().then((found) => { if (found) conflict(found); }).catch(() => { shownFor = null; });
  }
}
