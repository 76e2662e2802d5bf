// One completion: its tokens shaded, its scores with evidence, the parts of its advantage; and the prompt that it answers.
import { brief, element, figures, number, plain, words } from "./dom.js";

const LEVELS = 10;
let shading = "probability";

/** Classes for how likely a token was, and for what its completion was trained with. */
function probability(value) {
  return value === undefined ? "" : `p${Math.min(LEVELS - 1, Math.floor(value * LEVELS))}`;
}

function advantageClass(sample, most) {
  if (sample.truncated) return "a-cut";
  if (sample.advantage === null || most === 0) return "a0";
  const level = Math.round(5 * sample.advantage / most);
  return level < 0 ? `a-${-level}` : `a${level}`;
}

function tokens(sample, most) {
  const text = element("pre", null, "tokens");
  text.dir = "ltr";
  const spans = sample.sampled_by;
  const whole = sample.pieces.length !== sample.probabilities.length;
  sample.pieces.forEach((piece, i) => {
    if (spans.length > 1 && spans.some((span) => span.from === i)) {
      const span = spans.find((one) => one.from === i);
      text.append(element("span", `v${span.version}`, "version"));
    }
    if (piece === "") return;
    const token = element("span", plain(piece), whole ? "" : `${probability(sample.probabilities[i])} ${advantageClass(sample, most)}`);
    if (!whole) token.title = `probability ${number(sample.probabilities[i], 4)}`;
    text.append(token);
  });
  return text;
}

function verdict(score) {
  const item = element("li");
  const kind = (score.shadow ? " (shadow)" : "") + (score.late ? " (late)" : "");
  item.append(element("strong", `${plain(score.scorer)}${kind}: `));
  item.append(element("span", score.value === null ? `unscored: ${plain(score.unscored ?? "")}` : number(score.value, 3)));
  if (score.evidence.length) item.append(element("div", score.evidence.map(plain).join("; "), "evidence"));
  return item;
}

export function completion(sample, most) {
  const node = element("section", null, "completion");
  node.append(element("h5", `Sample ${sample.sample}: ${words(sample.perspective)}`));
  const facts = element("dl", null, "figures");
  const versions = sample.sampled_by.map((span) => span.version);
  figures(facts, [
    ["advantage", sample.advantage === null ? "none" : brief(sample.advantage)],
    ["tokens", sample.sampled_by.length ? sample.sampled_by[sample.sampled_by.length - 1].to : sample.probabilities.length],
    ["ended", sample.finished === "length" ? "cut at the limit" : "by itself"],
    ["sampled by version", [...new Set(versions)].join(", ")],
    ["worker", plain(sample.worker)],
  ]);
  node.append(facts, tokens(sample, most));
  const scores = element("ul", null, "scores");
  scores.append(...sample.scores.map(verdict));
  if (!sample.scores.length) scores.append(element("li", "not scored"));
  node.append(element("h6", "Scores"), scores);
  const parts = Object.entries(sample.parts);
  if (parts.length) {
    const list = element("dl", null, "figures");
    figures(list, parts.map(([name, value]) => [plain(name), brief(value)]));
    node.append(element("h6", "Parts of the advantage"), list);
  }
  if (sample.prompt_as_shown === false) node.append(element("p", "It was sampled from another prompt than the one shown here.", "warning"));
  return node;
}

export function prompts(group) {
  const parts = Object.entries(group.prompts);
  return parts.map(([perspective, text]) => {
    const details = element("details");
    details.open = parts.length === 1;
    const shown = element("pre", plain(text), "prompt");
    shown.dir = "ltr";
    details.append(element("summary", `Prompt as the model saw it: ${words(perspective)}`), shown);
    return details;
  });
}

export function shadingChoice(article) {
  const set = element("fieldset", null, "shading");
  set.append(element("legend", "Shade tokens by"));
  for (const name of ["probability", "advantage"]) {
    const label = element("label", ` ${name}`);
    const input = element("input");
    input.type = "radio";
    input.name = "shading";
    input.value = name;
    input.checked = name === shading;
    input.addEventListener("change", () => {
      shading = name;
      article.dataset.shading = name;
    });
    label.prepend(input);
    set.append(label);
  }
  article.dataset.shading = shading;
  return set;
}

/** Images of a group; `address` says where each of them is. */
export function pictures(group, address) {
  const images = element("div", null, "images");
  group.images.forEach((image) => {
    const source = address(image);
    if (!source) return;
    const picture = element("img");
    picture.src = source;
    picture.alt = `image ${plain(image.name)} of case ${plain(group.summary.case_id)}`;
    images.append(picture);
  });
  return images;
}
