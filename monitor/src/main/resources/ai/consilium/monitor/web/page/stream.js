// One stream of pictures of what is shown; curves are fetched when they have changed.
import { byId, fetched } from "./dom.js";

const CHARTS_EVERY_MS = 2000;
const AGAIN_MS = 2000;
let shown = -1;
let asking = false;
let askedAt = -Infinity;

/** Fetches the curves unless those of this revision were drawn. */
export async function showCurves(revision, draw) {
  if (asking || revision === shown || performance.now() - askedAt < CHARTS_EVERY_MS) return;
  asking = true;
  askedAt = performance.now();
  try {
    draw(await fetched("api/charts"));
    shown = revision;
  } catch (problem) {
    // The stream tells of a lost connection, and the next picture asks again.
    console.log(`charts: ${problem.message}`);
  }
  asking = false;
}

/** Shows every picture that comes, and says when none can come. */
export function follow(show) {
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
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => follow(show), AGAIN_MS);
  };
}
