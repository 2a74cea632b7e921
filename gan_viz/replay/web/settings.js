// The panel of settings: menus, numbers and buttons of all that may be chosen for these runs.

import { CLOCKS } from "./clock.js";
import { element } from "./panes.js";
import { copyLink, saveCsv, savePng, saveSvg } from "./saving.js";

export function openSettings(replay, open) {
  const { byId } = replay;
  byId("settings").hidden = !open;
  byId("more").setAttribute("aria-expanded", String(open));
  if (open) fillSettings(replay);
}

/** Menus and buttons of all that may be chosen for these runs. */
export function fillSettings(replay) {
  const { view, data } = replay;
  const panel = replay.byId("settings");
  const focused = document.activeElement?.dataset?.choice;
  const rows = choices(replay).map(([name, label, values]) => {
    const select = element("select", { "data-choice": name });
    options(select, values, String(view[name]));
    select.addEventListener("change", () => replay.change({ [name]: select.value }));
    return element("label", {}, element("span", {}, label), select);
  });
  rows.push(...numbers(replay));
  const buttons = element("div", { class: "buttons" });
  for (const [name, act] of actions(replay)) {
    const button = element("button", { type: "button", "data-choice": name }, replay.page(name));
    button.addEventListener("click", act);
    buttons.append(button);
  }
  panel.replaceChildren(...rows, buttons);
  if (data.notice) panel.append(element("p", { class: "notice" }, data.notice));
  panel.setAttribute("aria-label", replay.page("settings"));
  if (focused) panel.querySelector(`[data-choice="${focused}"]`)?.focus();
}

/** Menus: name in the view, label, and values with their texts. */
function choices(replay) {
  const { data, strip } = replay;
  const named = (values) => values.map((one) => [one, replay.page(one)]);
  const density = data.runs.find((run) => run.density)?.density;
  const found = [
    [
      "group",
      replay.page("curves"),
      strip.names.map((one) => [one, replay.page(one).replaceAll("_", " ")]),
    ],
  ];
  if (density) {
    const exact =
      density.generated.way === "exact" ? replay.page("exact") : replay.page("recorded");
    found.push([
      "density",
      replay.page("way"),
      [["recorded", exact], ...named(["kde", "histogram"])],
    ]);
  }
  if (density?.arrows) {
    const ways = [
      ["", replay.page("none")],
      ["map", replay.page("map")],
    ];
    if (density.arrows.reach) ways.push(["gradient", replay.page("gradient")]);
    found.push(["arrows", replay.page("arrows"), ways]);
  }
  found.push(["clock", replay.page("clock"), named(CLOCKS)]);
  if (data.runs.length > 1) found.push(["scales", replay.page("scales"), named(["shared", "own"])]);
  const themes = data.themes.map((theme) => theme.name);
  const system = themes.includes("light") && themes.includes("dark") ? ["system"] : [];
  found.push(["theme", replay.page("theme"), named([...system, ...themes])]);
  found.push([
    "language",
    replay.page("language"),
    [
      ["en", "English"],
      ["de", "Deutsch"],
      ["es", "Español"],
      ["fr", "Français"],
      ["ja", "日本語"],
    ],
  ]);
  found.push(["labels", replay.page("labels"), named(["words", "symbols", "both"])]);
  return found;
}

/** Numbers that suit what is shown. */
function numbers(replay) {
  const { view, data } = replay;
  const has = (kind) => data.runs.some((run) => run[kind]);
  const found = [];
  const add = (name, attributes, value, take) => {
    const input = element("input", {
      "data-choice": name,
      value,
      ...attributes,
    });
    input.addEventListener(
      "input",
      () => input.validity.valid && input.value !== "" && take(Number(input.value)),
    );
    found.push(element("label", {}, element("span", {}, replay.page(name)), input));
  };
  if (has("density") && view.density === "kde") {
    const range = {
      type: "range",
      min: -2,
      max: 2,
      step: 0.05,
      "aria-valuetext": `${view.bandwidth.toFixed(2)} ×`,
    };
    add("bandwidth", range, Math.log2(view.bandwidth), (power) =>
      replay.change({ bandwidth: 2 ** power }),
    );
  }
  if (has("density") && view.density === "histogram") {
    add("bins", { type: "number", min: 1, max: 400 }, view.bins, (bins) =>
      replay.change({ bins: Math.round(bins) }),
    );
  }
  if (has("grid")) {
    const most = Math.max(...data.runs.map((run) => run.grid?.number ?? 0)) - 1;
    add("sample", { type: "number", min: -1, max: most }, view.sample, (sample) =>
      replay.change({ sample: Math.round(sample) }),
    );
  }
  if (has("walk"))
    add("walk", { type: "range", min: 0, max: 1, step: 0.01 }, view.walk, (walk) =>
      replay.change({ walk }),
    );
  return found;
}

function actions(replay) {
  const found = [
    ["png", () => savePng(replay)],
    ["svg", () => saveSvg(replay)],
    ["csv", () => saveCsv(replay)],
    ["link", () => copyLink(replay)],
  ];
  if (replay.view.x) found.unshift(["unzoom", () => replay.change({ x: null })]);
  if (replay.view.run >= 0) found.unshift(["all", () => replay.change({ run: -1 })]);
  return found;
}

export function options(select, values, chosen) {
  select.replaceChildren(
    ...values.map(([value, text]) =>
      element("option", { value, selected: value === chosen }, text),
    ),
  );
  select.value = chosen;
}
