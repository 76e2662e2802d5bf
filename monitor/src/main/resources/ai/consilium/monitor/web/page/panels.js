// Which curves belong into which panel.
import { byId, element, number, table, words } from "./dom.js";
import { draw } from "./charts.js";

const SHARE = [0, 1];
// One chart a figure, one line a policy.
const STABILITY = [
  ["entropy", "Entropy (nats a token)"],
  ["kl", "KL to the reference"],
  ["clip_ratio/high_mean", "Clipped from above (share of tokens)"],
  ["clip_ratio/low_mean", "Clipped from below (share of tokens)"],
  ["rollout_corr/kl", "Mismatch of sampler and trainer (KL)"],
  ["rollout_corr/rollout_is_eff_sample_size", "Effective sample size (share)", SHARE],
  ["grad_norm", "Gradient norm"],
];
const LENGTHS = [
  ["response_length/mean", "Length of completions, mean (tokens)"],
  ["response_length/max", "Length of completions, longest (tokens)"],
  ["response_length/clip_ratio", "Cut at the limit (share)", SHARE],
];
const PACE = [
  ["staleness/mean", "Staleness of a step's groups, mean (versions)"],
  ["staleness/max", "Staleness of a step's groups, largest (versions)"],
  ["step_seconds", "Seconds a step"],
  ["wait_for_batch_seconds", "Seconds that the learner waited for a batch"],
];
const CONSOLIDATION = [
  ["distill/kl", "Distance to the experts (KL)"],
  ["distill/agreement", "Agreement with the experts (share)", SHARE],
];
const UNIFIED = "unified";
/** What a policy learns. */
export const LEARNING = [
  ["reward/accuracy", "Accuracy in training (share)", SHARE],
  ["reward/guideline", "Keeping to guidelines (score)", SHARE],
  ["reward/format", "Keeping the format (share)", SHARE],
];
export const VALIDATION = (policy) => policy.validation.none;
/** The charts of the other panels. */
export const PANELS = [["stability", STABILITY], ["lengths", LENGTHS], ["staleness", PACE], ["consolidation", CONSOLIDATION]];

function byPolicy(panel, policies, [figure, title, range]) {
  draw(byId(panel), { id: figure, title, group: "versions", range },
    policies.map((policy, i) => ({ name: words(policy.name), colour: i, data: policy.figures[figure] })));
}

function learning(policies) {
  for (const policy of policies.filter((one) => one.name !== UNIFIED)) {
    const name = words(policy.name);
    draw(byId("learning"), { id: `learning ${policy.name}`, title: `${name}: accuracy, guideline, format, validation`, group: "versions", range: SHARE }, [
      { name: "accuracy", colour: 0, data: policy.figures["reward/accuracy"] },
      { name: "guideline", colour: 1, dash: [6, 3], data: policy.figures["reward/guideline"] },
      { name: "format", colour: 2, dash: [2, 3], data: policy.figures["reward/format"] },
      { name: "validation", colour: 3, points: true, data: VALIDATION(policy) },
    ]);
    draw(byId("learning"), { id: `perspectives ${policy.name}`, title: `${name}: accuracy in training by perspective`, group: "versions", range: SHARE },
      Object.entries(policy.perspectives).map(([perspective, data], i) => ({ name: words(perspective), colour: i, data })));
    const examined = Object.entries(policy.validation);
    if (examined.length > 1) {
      draw(byId("learning"), { id: `validation ${policy.name}`, title: `${name}: right answers on validation cases by perspective`, group: "versions", range: SHARE },
        examined.map(([perspective, data], i) => ({ name: words(perspective), colour: i, points: true, data })));
    }
  }
}

/** Staleness of the trained groups: a bar a number of versions. */
function histogram(counts) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (!all) return;
  let node = byId("staleness-bars");
  if (!node) {
    node = element("figure", null, "chart");
    node.id = "staleness-bars";
    const bars = element("table", null, "bars");
    bars.append(element("caption", "Trained groups by staleness (versions)"));
    node.append(bars);
    byId("staleness").prepend(node);
  }
  const most = Math.max(...counts);
  const last = counts.length - 1;
  const rows = counts.map((count, versions) => [versions, count]).filter(([versions, count]) => count > 0 || versions < 4);
  table(node.querySelector("table"), ["versions", { words: "groups" }], rows.map(([versions, count]) => {
    const cell = element("span", null, "bar");
    const meter = element("meter");
    meter.max = most;
    meter.value = count;
    meter.setAttribute("aria-hidden", "true");
    cell.append(meter, element("span", `${count.toLocaleString()} (${number(100 * count / all, 1)} %)`));
    return [versions === last ? `${versions} or more` : versions, { node: cell }];
  }));
}

export function showCharts(data) {
  learning(data.policies);
  STABILITY.forEach((one) => byPolicy("stability", data.policies, one));
  LENGTHS.forEach((one) => byPolicy("lengths", data.policies, one));
  PACE.forEach((one) => byPolicy("staleness", data.policies, one));
  const unified = data.policies.filter((policy) => policy.name === UNIFIED);
  CONSOLIDATION.forEach((one) => byPolicy("consolidation", unified, one));
  histogram(data.staleness);
}
