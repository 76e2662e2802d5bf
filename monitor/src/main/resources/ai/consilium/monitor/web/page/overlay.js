// Several runs over each other: a line a run in every chart, by step.
import { byId, element, plain, table, words } from "./dom.js";
import { COLOURS, draw, redrawOnChange } from "./charts.js";
import { LEARNING, PANELS, VALIDATION } from "./panels.js";
import { follow, showCurves } from "./stream.js";

// More runs than colours are told apart by their dashes.
const DASHES = [undefined, [6, 3], [2, 3]];
const hidden = new Set();
let curves = [];
let names = "";

const dash = (at) => DASHES[Math.floor(at / COLOURS) % DASHES.length];

function lines(policy, data) {
  return curves.map((run, at) => ({ run, at }))
    .filter(({ run }) => !hidden.has(run.name))
    .map(({ run, at }) => {
      const found = run.policies.find((one) => one.name === policy);
      return { name: plain(run.name), colour: at, dash: dash(at), points: data === VALIDATION, data: found && data(found) };
    });
}

function drawAll() {
  const policy = byId("policy").value;
  const chart = (panel, [figure, title, range], data) =>
    draw(byId(panel), { id: figure, title, group: "steps", range }, lines(policy, data));
  LEARNING.forEach((one) => chart("learning", one, (found) => found.figures[one[0]]));
  chart("learning", ["validation", "Right answers on validation cases (share)", [0, 1]], VALIDATION);
  PANELS.forEach(([panel, charts]) => charts.forEach((one) => chart(panel, one, (found) => found.figures[one[0]])));
}

function choosePolicies() {
  const select = byId("policy");
  const policies = [...new Set(curves.flatMap((run) => run.policies.map((policy) => policy.name)))];
  const chosen = select.value;
  select.replaceChildren(...policies.map((policy) => {
    const option = element("option", words(policy));
    option.value = policy;
    return option;
  }));
  if (policies.includes(chosen)) select.value = chosen;
}

function take(data) {
  curves = data;
  choosePolicies();
  drawAll();
}

function visibility(name, at) {
  const label = element("label", null, `run line-${at % COLOURS}${dash(at) ? " dashed" : ""}`);
  const box = element("input");
  box.type = "checkbox";
  box.checked = !hidden.has(name);
  box.addEventListener("change", () => {
    if (box.checked) hidden.delete(name);
    else hidden.add(name);
    drawAll();
  });
  label.append(box, element("span", plain(name)));
  return label;
}

function differing(settings, at) {
  return settings.map((setting) => `${plain(setting.key)} ${plain(setting.values[at])}`).join(", ") || "nothing";
}

function makeTable(picture) {
  table(byId("runs"), ["run", { words: "state" }, { words: "settings that differ" }], picture.runs.map((run, at) =>
    [{ node: visibility(run.name, at) }, { words: "" }, { words: differing(picture.settings, at) }]));
}

/** The boxes stay what they are, lest a reader lose the one that is in use. */
function show(picture) {
  const now = JSON.stringify([picture.runs.map((run) => run.name), picture.settings]);
  if (now !== names) {
    names = now;
    byId("count").textContent = `${picture.runs.length} runs`;
    makeTable(picture);
  }
  picture.runs.forEach((run, at) => {
    const state = byId("runs").querySelectorAll("tbody tr")[at].children[1];
    state.className = run.broken ? "words warning" : "words";
    state.textContent = `${run.live ? "Live. " : ""}${plain(run.sentence)}${run.simulated ? " Simulated cases." : ""}`;
  });
  showCurves(picture.charts, take);
}

byId("policy").addEventListener("change", drawAll);
redrawOnChange(byId("main"));
follow(show);
