// The live page of a run.
import { byId } from "./dom.js";
import { redrawOnChange } from "./charts.js";
import { showEvents } from "./events.js";
import { showFigures } from "./figures.js";
import { showFlow } from "./flow.js";
import { showMerge } from "./merge.js";
import { showCharts } from "./panels.js";
import "./samples.js";
import { follow, showCurves } from "./stream.js";

redrawOnChange(byId("main"));
follow((picture) => {
  showFigures(picture);
  showFlow(picture.flow, picture.alarms ?? []);
  showMerge(picture);
  showEvents(picture);
  showCurves(picture.charts, showCharts);
});
