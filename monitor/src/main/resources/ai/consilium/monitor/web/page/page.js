"use strict";

// Everything that comes from a record is set as text, never as markup.
const OUTCOMES = ["trained", "filtered", "rejected", "stale", "abandoned", "unused", "examined"];
const LINES = ["accuracy", "guideline", "format"];
const SVG = "http://www.w3.org/2000/svg";

const byId = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function drawn(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const number = (value, digits) => (value === null ? "–" : value.toFixed(digits));
const words = (name) => name.replaceAll("_", " ");

function duration(ms) {
  if (ms === null) return "–";
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function figures(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value]) => {
    const pair = element("div");
    pair.append(element("dt", name), element("dd", value));
    return pair;
  }));
}

function row(cells, head) {
  const made = element("tr");
  for (const cell of cells) {
    const text = typeof cell === "object" && cell !== null ? cell.words : cell;
    made.append(element(head ? "th" : "td", text, text === cell ? "" : "words"));
  }
  return made;
}

function table(target, head, rows) {
  const top = element("thead");
  const body = element("tbody");
  top.append(row(head, true));
  body.append(...rows.map((cells) => row(cells, false)));
  target.replaceChildren(top, body);
}

// One chart: reward components by policy version, 0 to 1, and accuracy on the validation cases.
function chart(name, history, validation, steps) {
  const [width, height, left, top, bottom] = [320, 120, 22, 6, 16];
  const x = (version) => left + ((width - left - 6) * version) / Math.max(1, steps);
  const y = (value) => top + (height - top - bottom) * (1 - value);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg.append(drawn("title", {}, `${words(name)}: reward by step`));
  for (const level of [0, 0.5, 1]) {
    svg.append(drawn("line", { class: "axis", x1: left, x2: width - 6, y1: y(level), y2: y(level) }));
    svg.append(drawn("text", { x: left - 4, y: y(level) + 3, "text-anchor": "end" }, String(level)));
  }
  svg.append(drawn("text", { x: width - 6, y: height - 3, "text-anchor": "end" }, `step ${steps}`));
  for (const line of LINES) {
    const points = history.filter((step) => step[line] !== null);
    const path = points.map((step, i) => `${i ? "L" : "M"}${x(step.version).toFixed(1)} ${y(step[line]).toFixed(1)}`);
    // A single point has no line: let it show as a short dash.
    if (path.length === 1) path.push("h2");
    if (path.length) svg.append(drawn("path", { class: line, d: path.join("") }));
  }
  for (const { version, accuracy, cases } of validation) {
    const mark = drawn("circle", { class: "validation", cx: x(version).toFixed(1), cy: y(accuracy).toFixed(1), r: 3 });
    mark.append(drawn("title", {}, `version ${version}: ${number(100 * accuracy, 1)} % of ${cases} validation cases`));
    svg.append(mark);
  }
  return svg;
}

function card(specialty, steps) {
  const made = element("article", null, "card");
  const version = specialty.version ?? 0;
  const title = element("h2", words(specialty.name));
  title.append(element("span", specialty.version === null ? specialty.phase : `${specialty.phase} · step ${version} of ${steps}`));
  const progress = element("progress");
  progress.max = Math.max(1, steps);
  progress.value = version;
  progress.setAttribute("aria-label", `steps of ${words(specialty.name)}`);
  const last = specialty.history[specialty.history.length - 1];
  const keys = element("p");
  for (const line of LINES) keys.append(element("span", `${line} ${last ? number(last[line], 2) : "–"}`, `key ${line}`));
  const examined = specialty.validation[specialty.validation.length - 1];
  if (examined) keys.append(element("span", `validation ${number(examined.accuracy, 2)}`, "key validation"));
  const list = element("dl", null, "figures");
  figures(list, [
    ["tokens/s", number(specialty.tokens_per_second, 0)],
    ["trajectories", specialty.trajectories],
    ["staleness", number(specialty.staleness, 0)],
    ["open groups", specialty.books.open],
  ]);
  made.append(title, progress, chart(specialty.name, specialty.history, specialty.validation, steps), keys, list);
  return made;
}

function bookRow(name, books) {
  return [name, books.prompts, ...OUTCOMES.map((outcome) => books.outcomes[outcome]), books.open];
}

function eventLine(event) {
  const line = element("li");
  const time = element("time", new Date(event.at_ms).toLocaleTimeString());
  time.dateTime = new Date(event.at_ms).toISOString();
  line.append(time, element("span", `${event.role} ${event.kind.toLowerCase()}`, "who"), element("span", event.message));
  return line;
}

function show(picture) {
  byId("run-id").textContent = picture.run_id;
  byId("phase").textContent = picture.phase;
  byId("simulated").hidden = !picture.simulated;
  figures(byId("run-figures"), [
    ["elapsed", duration(picture.elapsed_ms)],
    ["time left", picture.finished ? "none" : duration(picture.left_ms)],
    ["tokens/s", number(picture.tokens_per_second, 0)],
    ["tokens", picture.tokens.toLocaleString()],
  ]);
  byId("specialties").replaceChildren(...picture.specialties.map((specialty) => card(specialty, picture.steps)));
  table(byId("books"), ["specialty", "prompts", ...OUTCOMES, "open"], [
    ...picture.specialties.map((specialty) => bookRow(words(specialty.name), specialty.books)),
    ...(picture.unified ? [bookRow("unified", picture.unified.books)] : []),
    bookRow("all", picture.books),
  ]);
  table(byId("scorers"), ["scorer", "scored", "mean", "unscored", "ms", { words: "last reason unscored" }],
    picture.scorers.map((scorer) => [scorer.name + (scorer.shadow ? " (shadow)" : ""), scorer.scored,
      number(scorer.mean, 3), scorer.unscored, number(scorer.latency_ms, 1), { words: scorer.last_reason ?? "" }]));
  byId("alarms").hidden = picture.alarms.length === 0;
  byId("alarms").textContent = picture.alarms.map((alarm) => `${alarm.cause}: ${alarm.text}`).join("\n");
  byId("stalls").hidden = picture.stalls.length === 0;
  byId("stalls").querySelector("ul").replaceChildren(...picture.stalls.map(eventLine));
  byId("unified").hidden = picture.unified === null;
  if (picture.unified) {
    figures(byId("unified").querySelector("dl"), [["version", picture.unified.version],
      ...Object.entries(picture.unified.figures).sort().map(([name, value]) => [name, number(value, 3)])]);
  }
  byId("events").replaceChildren(...picture.events.map(eventLine));
}

const stream = new EventSource("api/stream");
stream.addEventListener("picture", (event) => show(JSON.parse(event.data)));
stream.onopen = () => { byId("lost").hidden = true; };
stream.onerror = () => { byId("lost").hidden = false; };
