// One group: its image, its prompt, and its completions side by side.
import { byId, element, fetched, figures, plain, words } from "./dom.js";
import { completion, pictures, prompts, shadingChoice } from "./completion.js";

function show(article, group) {
  const about = group.summary;
  const title = element("h3", `Group ${plain(about.id)}`);
  title.id = "sample-title";
  const close = element("button", "Close");
  close.type = "button";
  close.addEventListener("click", () => { article.hidden = true; });
  const facts = element("dl", null, "figures");
  figures(facts, [
    ["case", `${plain(about.case_id)} of ${plain(group.case_file)}`],
    ["policy", words(about.policy)],
    ["purpose", plain(about.purpose)],
    ["outcome", about.outcome],
    ["trained version", about.trained_version ?? "none"],
    ["estimator", group.estimator === null ? "no advantages" : `${plain(group.estimator)}, ${group.closed}`],
    ["temperature", group.temperature],
  ]);
  const most = Math.max(0, ...group.samples.map((sample) => Math.abs(sample.advantage ?? 0)));
  const side = element("div", null, "completions");
  side.tabIndex = 0;
  side.setAttribute("role", "region");
  side.setAttribute("aria-label", "Completions side by side");
  side.append(...group.samples.map((sample) => completion(sample, most)));
  article.replaceChildren(title, close, facts);
  if (group.problem !== null) article.append(element("p", `Not all can be shown: ${plain(group.problem)}`, "warning"));
  article.append(pictures(group, (image) => `api/image?sha256=${encodeURIComponent(image.sha256)}`), ...prompts(group),
    element("h4", "Completions"), shadingChoice(article), side);
  article.hidden = false;
  article.focus();
  article.scrollIntoView({ block: "start" });
}

/** Says one thing in the place of a group. */
function tell(article, text) {
  const title = element("h3", text);
  title.id = "sample-title";
  article.replaceChildren(title);
  article.hidden = false;
}

export async function openSample(id) {
  const article = byId("sample");
  tell(article, "Reading the log …");
  try {
    const group = await fetched(`api/sample?group=${encodeURIComponent(id)}`);
    if (group === null) throw new Error("This group is no longer among the newest.");
    show(article, group);
  } catch (problem) {
    tell(article, problem.message);
  }
}
