// The sample browser: which groups there are.
import { byId, element, fetched, number, plain, table, words } from "./dom.js";
import { openSample } from "./sample.js";

let rows = [];
let next = null;
let query = "";

function choices(form, name, values) {
  const select = form.elements[name];
  const chosen = select.value;
  const options = [...values].map((value) => {
    const option = element("option", words(value));
    option.value = value;
    return option;
  });
  select.replaceChildren(select.options[0], ...options);
  select.value = [...values].includes(chosen) ? chosen : "";
}

function groupRow(group) {
  const open = element("button", plain(group.id), "link");
  open.type = "button";
  open.addEventListener("click", () => openSample(group.id));
  return [{ node: open }, { words: words(group.policy) }, { words: plain(group.case_id) }, group.samples,
    number(group.right, 2), number(group.score, 2), { words: group.outcome }, group.trained_version ?? "–",
    group.sampled_by ?? "–", new Date(group.created_ms).toLocaleTimeString()];
}

function told(page) {
  const kept = page.indexed < page.begun ? `the newest ${page.indexed.toLocaleString()} of ${page.begun.toLocaleString()} groups` : `${page.begun.toLocaleString()} groups`;
  const text = page.searched === null ? "" : `; the text was looked for in ${page.searched.toLocaleString()} of them`;
  byId("samples-told").textContent = `${rows.length} shown, of ${kept}${text}.`;
}

async function load(before) {
  byId("samples-told").textContent = "Looking …";
  try {
    const page = await fetched(`api/samples?${query}${before === null ? "" : `&before=${before}`}`);
    rows = before === null ? page.groups : rows.concat(page.groups);
    next = page.next;
    const form = byId("sample-filter");
    choices(form, "policy", page.choices.policies);
    choices(form, "perspective", page.choices.perspectives);
    choices(form, "outcome", page.choices.outcomes);
    table(byId("samples"), ["group", { words: "policy" }, { words: "case" }, "samples", "right", "score",
      { words: "outcome" }, "trained version", "sampled by", "begun"], rows.map(groupRow));
    byId("more-samples").hidden = next === null;
    told(page);
  } catch (problem) {
    byId("samples-told").textContent = problem.message;
  }
}

byId("sample-filter").addEventListener("submit", (event) => {
  event.preventDefault();
  query = new URLSearchParams(new FormData(event.target)).toString();
  load(null);
});
byId("more-samples").addEventListener("click", () => load(next));
