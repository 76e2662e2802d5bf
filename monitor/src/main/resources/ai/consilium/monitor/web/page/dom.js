// Small helpers. Everything that comes from a record is set as text, never as markup.

export const byId = (id) => document.getElementById(id);

export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** Ids, messages and completions: marks that turn the direction of text, or hide in it, are shown by their number. */
export function plain(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (mark) => `\\u${mark.codePointAt(0).toString(16).padStart(4, "0")}`);
}

export const number = (value, digits) => (value === null || value === undefined ? "–" : value.toFixed(digits));

/** As many digits as tell something: 0.00123, 12.3, 4567. */
export function brief(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100000)) return value.toExponential(2);
  return size >= 100 ? value.toFixed(0) : size >= 1 ? value.toFixed(2) : value.toFixed(4);
}

export const words = (name) => plain(name).replaceAll("_", " ");

export function duration(ms) {
  if (ms === null || ms === undefined) return "–";
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function figures(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value]) => {
    const pair = element("div");
    pair.append(element("dt", name), element("dd", value));
    return pair;
  }));
}

function row(cells, head) {
  const made = element("tr");
  cells.forEach((cell, at) => {
    const given = typeof cell === "object" && cell !== null;
    const made1 = element(head || at === 0 ? "th" : "td", given ? cell.words : cell, given ? "words" : "");
    made1.scope = head ? "col" : "row";
    if (!head && at !== 0) made1.removeAttribute("scope");
    if (given && cell.node) made1.replaceChildren(cell.node);
    made.append(made1);
  });
  return made;
}

/** Fills a table and keeps its caption. A cell is text, {words} that stand at the left, or a {node}. */
export function table(target, head, rows) {
  const top = element("thead");
  const body = element("tbody");
  top.append(row(head, true));
  body.append(...rows.map((cells) => row(cells, false)));
  target.querySelectorAll("thead, tbody").forEach((part) => part.remove());
  target.append(top, body);
}

/** Fetches JSON; null when there is none, an error with the server's words when it refuses. */
export async function fetched(path) {
  const answer = await fetch(path);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(plain(await answer.text()));
  return answer.json();
}
