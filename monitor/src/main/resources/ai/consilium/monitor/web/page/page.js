// The live page: one stream of pictures of the run; curves are fetched when they have changed.
import { byId, fetched } from "./dom.js";
import { redrawAll } from "./charts.js";
import { showEvents } from "./events.js";
import { showFigures } from "./figures.js";
import { showFlow } from "./flow.js";
import { showMerge } from "./merge.js";
import { showCharts } from "./panels.js";
import "./samples.js";

const CHARTS_EVERY_MS = 2000;
const AGAIN_MS = 2000;
let shown = -1;
let asking = false;
let askedAt = -Infinity;

async function charts(revision) {
  if (asking || revision === shown || performance.now() - askedAt < CHARTS_EVERY_MS) return;
  asking = true;
  askedAt = performance.now();
  try {
    const data = await fetched("api/charts");
    shown = data.revision;
    showCharts(data);
    document.documentElement.dataset.charts = String(shown);
  } catch (problem) {
    // The stream tells of a lost connection, and the next picture asks again.
    console.log(`charts: ${problem.message}`);
  }
  asking = false;
}

function show(picture) {
  showFigures(picture);
  showFlow(picture.flow, picture.alarms ?? []);
  showMerge(picture);
  showEvents(picture);
  charts(picture.charts);
}

function follow() {
  const stream = new EventSource("api/stream");
  stream.addEventListener("picture", (event) => show(JSON.parse(event.data)));
  stream.onopen = () => {
    byId("lost").hidden = true;
    // Another monitor may have begun to count anew.
    shown = -1;
  };
  stream.onerror = () => {
    byId("lost").hidden = false;
    // The browser tries again by itself, but not after an answer that is no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
  };
}

let width = 0;
let resized = 0;
new ResizeObserver((entries) => {
  const now = Math.round(entries[0].contentRect.width);
  if (now === width) return;
  width = now;
  clearTimeout(resized);
  resized = setTimeout(redrawAll, 150);
}).observe(byId("main"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
follow();
