// What roles said: the newest live, older ones when they are asked for.
import { byId, element, fetched, plain } from "./dom.js";

let next = null;
let older = false;

function eventLine(event) {
  const line = element("li");
  const time = element("time", new Date(event.at_ms).toLocaleString());
  time.dateTime = new Date(event.at_ms).toISOString();
  line.append(time, element("span", `${plain(event.role)} ${event.kind.toLowerCase()}`, "who"), element("span", plain(event.message)));
  return line;
}

function alarmLine(alarm) {
  const line = element("li", null, alarm.severity === "critical" ? "critical" : "");
  line.append(element("strong", `${plain(alarm.cause).replaceAll("_", " ")} `), element("span", plain(alarm.text)),
    element("span", ` since ${new Date(alarm.since_ms).toLocaleTimeString()}`, "who"));
  return line;
}

export function showEvents(picture) {
  const alarms = picture.alarms ?? [];
  byId("alarms").hidden = alarms.length === 0;
  byId("alarms").querySelector("ul").replaceChildren(...alarms.map(alarmLine));
  byId("stalls").hidden = picture.stalls.length === 0;
  byId("stalls").querySelector("ul").replaceChildren(...picture.stalls.map(eventLine));
  // Once older ones are shown, the list above them must not move its end.
  const shown = older ? picture.events.filter((event) => event.offset >= older) : picture.events;
  byId("events").replaceChildren(...shown.map(eventLine));
  if (!older && picture.events.length) {
    next = picture.events[picture.events.length - 1].offset;
    byId("more-events").hidden = next === 0;
  }
}

async function more() {
  const button = byId("more-events");
  button.disabled = true;
  older = older || next;
  try {
    // A stretch of the log may hold figures and progress only: it is read over, but not for ever.
    for (let tries = 0, found = 0; tries < 20 && found === 0 && next !== null; tries++) {
      const page = await fetched(`api/events?before=${next}`);
      byId("older-events").append(...page.events.map(eventLine));
      found = page.events.length;
      next = page.next;
    }
    button.hidden = next === null;
  } catch (problem) {
    byId("older-events").append(element("li", problem.message));
    button.hidden = true;
  }
  button.disabled = false;
}

byId("more-events").addEventListener("click", more);
