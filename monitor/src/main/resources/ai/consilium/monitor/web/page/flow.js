// The flow as a picture: stages in a row, what passes between them on the arrows.
import { byId, duration, element, number } from "./dom.js";

const TOPIC = { "training groups": "groups" };

// Roles of alarms by the stage that they stand for.
const ROLE = { prompts: "scheduler", workers: "rollout", rewards: "reward", advantages: "advantage", learners: "learner", merger: "merger" };

function stageNode(stage, alarms) {
  const node = element("li", null, "stage");
  node.append(element("strong", stage.name));
  if (stage.busiest) node.append(element("span", "most groups wait here", "mark busy"));
  if (stage.starving) node.append(element("span", "starving", "mark starving"));
  if (alarms.some((alarm) => alarm.stage === ROLE[stage.name])) node.append(element("span", "alarm", "mark starving"));
  return node;
}

function arrowNode(arrow) {
  const node = element("li", null, "arrow");
  node.append(element("span", TOPIC[arrow.name] ?? arrow.name, "topic"));
  node.append(element("span", `${number(arrow.per_second, arrow.per_second < 10 ? 2 : 0)}/s`, "rate"));
  const waiting = arrow.waiting === 0 ? "none waits" : `${arrow.waiting} wait`;
  node.append(element("span", waiting, arrow.waiting === 0 ? "waiting" : "waiting some"));
  if (arrow.oldest_ms !== null && arrow.oldest_ms >= 1000) node.append(element("span", `for ${duration(arrow.oldest_ms)}`, "waiting"));
  node.append(element("span", `${arrow.total.toLocaleString()} in all`, "total"));
  return node;
}

export function showFlow(flow, alarms) {
  const parts = [];
  flow.stages.forEach((stage, i) => {
    parts.push(stageNode(stage, alarms));
    if (i < flow.arrows.length) parts.push(arrowNode(flow.arrows[i]));
  });
  byId("flow").replaceChildren(...parts);
}
