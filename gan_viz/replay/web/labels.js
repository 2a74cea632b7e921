// All texts of the page around the pictures: titles, names of curves, marks, figures.

import { certainty } from "./densities.js";
import { writeMarks } from "./marks.js";
import { grouped, lastUpTo, plain, withLetters, written } from "./numbers.js";
import { colorOf, element } from "./panes.js";

const GOOD = ["equilibrium", "near"];

/** All texts that do not change with the frame. */
export function writeTexts(replay) {
  replay.figures = null;
  const { title, subtitle, caption } = replay.data;
  for (const [id, text] of Object.entries({ title, subtitle, caption })) {
    const place = replay.byId(id);
    place.textContent = place.title = text; // whole where only its beginning is in sight
    place.hidden = !text;
  }
  replay.byId("title").hidden = false;
  replay.byId("title").textContent ||= replay.page("replay");
  replay.byId("step-word").textContent = replay.stepWord();
  replay.byId("step-number").style.minWidth =
    `${grouped(replay.data.steps.at(-1)).length * 0.64}em`;
  replay.root.setAttribute("aria-label", replay.page("replay"));
  for (const id of ["back", "forward", "full"]) entitle(replay, id, replay.page(id));
  entitle(replay, "help", replay.page("help"));
  replay.byId("more").textContent = replay.page("settings");
  replay.byId("pin").textContent = replay.page("pin");
  const slider = replay.byId("strip");
  slider.setAttribute("aria-label", replay.page("position"));
  slider.setAttribute("aria-valuemin", "0");
  slider.setAttribute("aria-valuemax", String(replay.data.steps.length - 1));
  showPlaying(replay);
  labelPanes(replay);
  writeLegend(replay);
  writeMarks(replay);
  replay.onRelabel?.();
}

function labelPanes(replay) {
  for (const pane of replay.panes.all) {
    const names = pane.view.curves.map(([key]) => plain(replay.name(key))).join(", ");
    const text = [pane.run.title, names || replay.say("pictures")].filter(Boolean).join(": ");
    pane.canvas.setAttribute("aria-label", text);
    pane.swatch.style.background = colorOf(pane.number, replay.look.dark);
    pane.button.title = replay.view.run < 0 ? pane.run.title : replay.page("all");
  }
}

/** Buttons that show and hide each curve. */
function writeLegend(replay) {
  const curves = new Map(replay.panes.shown(replay.view).flatMap((pane) => pane.view.curves));
  const buttons = [...curves].flatMap(([key, role]) => {
    if (key === "gradient" || (key === "critic" && curves.has("discriminator"))) return [];
    const on =
      key === "optimal" ? replay.view.shown.has(key) : !replay.view.hidden.has(switchOf(key));
    const button = element("button", {
      type: "button",
      "aria-pressed": String(on),
      "data-curve": key,
    });
    const swatch = element("span", { class: "swatch" });
    swatch.style.background = replay.look.colors[role];
    const more =
      key === "generated" && replay.run.density
        ? certainty(replay.run.density, replay.view, (word) => replay.say(word))
        : "";
    button.append(swatch, ...replay.lettered(replay.name(key)), more);
    button.addEventListener("click", () => replay.toggle(key));
    return [button];
  });
  const focused = document.activeElement?.dataset?.curve;
  replay.byId("legend").replaceChildren(...buttons);
  replay.byId("legend").setAttribute("aria-label", replay.page("curves"));
  if (focused) replay.byId("legend").querySelector(`[data-curve="${focused}"]`)?.focus();
}

/** All texts that change with the frame. */
export function writeFrame(replay) {
  say(replay.byId("step-number"), replay.data.unit === "" ? "" : grouped(replay.step));
  const { text, kind } = replay.statusAt(replay.frame);
  const status = replay.byId("status");
  if (status.told !== text) status.replaceChildren(...replay.lettered(withLetters(text)));
  status.told = text;
  const judged = text && !kind.startsWith("turn");
  attribute(status, "class", judged ? (GOOD.includes(kind) ? "good" : "bad") : "");
  writeFigures(replay);
  attribute(replay.byId("pin"), "aria-pressed", String(replay.view.pins.includes(replay.step)));
  writePosition(replay, text);
}

/** Where the bar is, for those who hear it: once a second while it plays. */
function writePosition(replay, text) {
  const slider = replay.byId("strip");
  const now = performance.now();
  if (!replay.clock.playing || now - (slider.told ?? 0) >= 1000) {
    slider.told = now;
    const step = `${replay.stepWord()} ${grouped(replay.step)}`;
    attribute(slider, "aria-valuenow", String(replay.frame));
    attribute(slider, "aria-valuetext", text ? `${step}, ${text}` : step);
  }
}

/** Write a text or set an attribute unless it is so: else the page would be laid out again. */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function attribute(place, name, value) {
  if (place.getAttribute(name) !== value) place.setAttribute(name, value);
}

/** Names and values at a frame: of the curves in the bar, and of the distances. */
export function figuresAt(replay, run, step) {
  const frame = lastUpTo(run.steps, step);
  const group = run.groups.find((one) => one.key === replay.view.group);
  const found = (group?.lines ?? []).map((one) => [one.key, one.at[frame], one.color]);
  const { names = [], values } = run.metrics ?? {};
  const wanted = ["w1", "js", "tv"].filter((name) => !found.some(([key]) => key === name));
  for (const name of wanted)
    if (names.includes(name)) found.push([name, values.at(frame, names.indexOf(name)), "ink"]);
  return found;
}

function writeFigures(replay) {
  const single = replay.data.runs.length === 1 || replay.view.run >= 0;
  const rows = single ? figuresAt(replay, replay.run, replay.step) : [];
  replay.figures ??= nameFigures(replay, rows);
  rows.forEach(([, value], i) => say(replay.figures[i], written(value, 4)));
  const number = lastUpTo(replay.run.steps, replay.step) + 1;
  say(replay.figures[rows.length], `${number} ${replay.page("of")} ${replay.run.steps.length}`);
  for (const pane of single ? [] : replay.panes.all) {
    const known = pane.run.metrics;
    if (!known) continue;
    const value = known.values.at(pane.frame(replay.step), known.names.indexOf("w1_relative"));
    say(pane.distance, `${written(value, 2)} σ`);
  }
}

/** Write the names of the figures; return the elements of their numbers, and of the frame's. */
function nameFigures(replay, rows) {
  const numbers = rows.map(([, , color]) => {
    const number = element("b");
    number.style.color = replay.look.colors[color] ?? replay.look.colors.ink;
    return number;
  });
  const named = rows.map(([key], i) =>
    element("span", {}, ...replay.lettered(replay.name(key)), " ", numbers[i]),
  );
  const estimate = replay.run.metrics?.estimate && rows.length ? `(${replay.say("estimate")})` : "";
  const count = element("b");
  const frame = element("span", {}, `${replay.page("frame")} `, count);
  replay.byId("figures").replaceChildren(...named, estimate, frame);
  return [...numbers, count];
}

function entitle(replay, id, text) {
  replay.byId(id).setAttribute("aria-label", text);
  replay.byId(id).title = text;
}

export function showPlaying(replay) {
  replay.root.classList.toggle("playing", replay.clock.playing);
  entitle(replay, "play", replay.page(replay.clock.playing ? "pause" : "play"));
}

/** Under which name a curve is hidden. */
export function switchOf(key) {
  return key === "critic" ? "discriminator" : key;
}
