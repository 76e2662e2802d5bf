// Charts by uPlot, with a table of the same figures for those who do not see them.
import { brief, element, table } from "./dom.js";

/** How many lines differ in colour. */
export const COLOURS = 8;
const HEIGHT = 170;
const ROWS = 12;
// Versions are whole numbers.
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];
const kept = new Map();

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colour = (at) => css(`--line-${at % COLOURS}`);

/** Lines on one axis of versions: uPlot wants equal lengths, with gaps where a line has no value. */
function aligned(lines) {
  const at = new Map();
  lines.forEach((line) => line.data.x.forEach((x) => at.set(x, 0)));
  const xs = [...at.keys()].sort((a, b) => a - b);
  xs.forEach((x, i) => at.set(x, i));
  const columns = [xs];
  for (const line of lines) {
    for (const values of line.data.min ? [line.data.mean, line.data.min, line.data.max] : [line.data.mean]) {
      const column = new Array(xs.length).fill(null);
      values.forEach((value, i) => { column[at.get(line.data.x[i])] = value; });
      columns.push(column);
    }
  }
  return columns;
}

const tickText = (tick) => (tick !== 0 && Math.abs(tick) < 0.001 ? tick.toExponential(1) : +tick.toPrecision(6));

/** A little air around a curve; a flat one lies in the middle of something sensible. */
function range(low, high) {
  if (low === null || high === null) return [0, 1];
  if (low === high) return low === 0 ? [0, 1] : [Math.min(0, 2 * low), Math.max(0, 2 * low)];
  const air = 0.06 * (high - low);
  return [low >= 0 ? Math.max(0, low - air) : low - air, high + air];
}

function options(width, lines, spec) {
  const series = [{ label: "version" }];
  const bands = [];
  for (const line of lines) {
    const stroke = colour(line.colour);
    series.push({ label: line.name, stroke, width: 1.5, spanGaps: true, dash: line.dash, value: (u, v) => brief(v),
      points: { show: line.data.x.length < 2 || line.points, size: 5, fill: stroke } });
    if (line.data.min) {
      const edge = { label: "", stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
      series.push({ ...edge }, { ...edge });
      bands.push({ series: [series.length - 1, series.length - 2], fill: `${stroke}26` });
    }
  }
  const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") }, font: "11px system-ui" };
  return {
    width, height: HEIGHT, series, bands, legend: { show: false },
    cursor: { drag: { x: true, y: false }, sync: { key: spec.group } },
    scales: { x: { time: false }, y: { range: spec.range ? () => spec.range : (u, low, high) => range(low, high) } },
    axes: [{ ...axis, size: 30, incrs: WHOLE }, { ...axis, size: 52, values: (u, ticks) => ticks.map(tickText) }],
  };
}

function summary(title, lines) {
  return `${title}. Newest: ${lines.map((line) => `${line.name} ${brief(line.data.mean[line.data.mean.length - 1])}`).join(", ")}.`;
}

function fillTable(target, lines, columns) {
  const xs = columns[0];
  const every = Math.max(1, Math.ceil(xs.length / ROWS));
  const means = [];
  let column = 1;
  for (const line of lines) {
    means.push(columns[column]);
    column += line.data.min ? 3 : 1;
  }
  const rows = [];
  for (let i = xs.length - 1; i >= 0; i -= every) rows.push([xs[i], ...means.map((values) => brief(values[i]))]);
  table(target, ["version", ...lines.map((line) => line.name)], rows);
}

/** Makes a chart's place once: heading, key, canvas, table. */
function place(parent, spec) {
  const node = element("figure", null, "chart");
  node.dataset.chart = spec.id;
  const caption = element("figcaption", spec.title);
  const key = element("ul", null, "key");
  const plot = element("div", null, "plot");
  plot.setAttribute("role", "img");
  const details = element("details");
  const wide = element("div", null, "wide");
  const figuresTable = element("table");
  figuresTable.append(element("caption", spec.title));
  wide.tabIndex = 0;
  wide.setAttribute("role", "region");
  wide.setAttribute("aria-label", `Figures of ${spec.title}`);
  wide.append(figuresTable);
  details.append(element("summary", "Figures"), wide);
  node.append(caption, key, plot, details);
  parent.append(node);
  const entry = { node, key, plot, details, figuresTable, chart: null, shape: "", lines: [], spec };
  details.addEventListener("toggle", () => { if (details.open) fillTable(figuresTable, entry.lines, aligned(entry.lines)); });
  kept.set(spec.id, entry);
  return entry;
}

/** Draws lines into a chart that is made when it is first drawn, and hidden while it has none: {id, title, group, range?}, [{name, colour, dash?, data}]. */
export function draw(parent, spec, given) {
  const lines = given.filter((line) => line.data && line.data.x.length > 0);
  const entry = kept.get(spec.id) ?? (lines.length ? place(parent, spec) : null);
  // What was hidden may have missed a change of width.
  if (entry?.node.hidden) entry.shape = "";
  if (entry) entry.node.hidden = lines.length === 0;
  if (!entry || !lines.length) return;
  entry.lines = lines;
  const shape = JSON.stringify(lines.map((line) => [line.name, line.colour, line.data.min !== null, line.data.x.length < 2]));
  entry.plot.setAttribute("aria-label", summary(spec.title, lines));
  const columns = aligned(lines);
  if (entry.chart && shape === entry.shape) {
    entry.chart.setData(columns);
  } else {
    entry.shape = shape;
    redraw(entry, columns);
    entry.key.replaceChildren(...lines.map((line) => {
      const item = element("li", null, `line-${line.colour % COLOURS}${line.dash ? " dashed" : ""}`);
      item.append(element("span", line.name), element("b"));
      return item;
    }));
  }
  lines.forEach((line, i) => {
    entry.key.children[i].querySelector("b").textContent = brief(line.data.mean[line.data.mean.length - 1]);
  });
  if (entry.details.open) fillTable(entry.figuresTable, lines, columns);
}

function redraw(entry, columns) {
  if (entry.chart) entry.chart.destroy();
  const width = Math.max(240, entry.plot.clientWidth);
  entry.chart = new uPlot(options(width, entry.lines, entry.spec), columns, entry.plot);
}

function redrawAll() {
  kept.forEach((entry) => { if (entry.chart) redraw(entry, aligned(entry.lines)); });
}

/** Keeps charts as wide as the page, and in its colours. */
export function redrawOnChange(page) {
  let width = 0;
  let resized = 0;
  new ResizeObserver((entries) => {
    const now = Math.round(entries[0].contentRect.width);
    if (now === width) return;
    width = now;
    clearTimeout(resized);
    resized = setTimeout(redrawAll, 150);
  }).observe(page);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
}
