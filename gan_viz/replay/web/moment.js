// The moment and the way of looking that a replay shows, as a link says it.

import { formatLink } from "./link.js";
import { nearest } from "./numbers.js";
import { PAGE_WORDS } from "./words.js";

export const DEFAULTS = {
  density: "recorded",
  bandwidth: 1,
  bins: 80,
  arrows: "",
  clock: "clip",
  scales: "shared",
  sample: -1,
  walk: 0.5,
  x: null,
  run: -1,
  group: "",
};

/** The link to this moment and this way of looking at it. */
export function linkOf(replay) {
  const { view, clock } = replay;
  const own = (name) => (view[name] === DEFAULTS[name] ? undefined : view[name]);
  const recorded = replay.asked();
  const chosen = (name) => (view[name] === recorded[name] ? undefined : view[name]);
  return formatLink({
    step: replay.step,
    speed: clock.speed === 1 ? undefined : clock.speed,
    repeat: clock.repeat === replay.repeat() ? undefined : clock.repeat,
    density: view.density === "recorded" ? undefined : view.density,
    bandwidth: chosen("bandwidth"),
    bins: chosen("bins"),
    arrows: view.arrows === recorded.arrows ? undefined : view.arrows || "none",
    clock: own("clock"),
    scales: own("scales"),
    sample: own("sample"),
    theme: chosen("theme"),
    lang: chosen("language"),
    labels: chosen("labels"),
    group: chosen("group"),
    show: [...view.shown].map((name) => (name === "optimal" ? "dstar" : name)),
    hide: [...view.hidden],
    x: view.x,
    pin: view.pins,
  });
}

/** Show what a link says. */
export function followLink(replay, link) {
  const { view, clock } = replay;
  const changes = {};
  for (const name of ["density", "bandwidth", "bins", "scales", "sample", "labels", "clock", "x"]) {
    if (link[name] !== undefined) changes[name] = link[name];
  }
  const themes = ["system", ...replay.data.themes.map((theme) => theme.name)];
  if (themes.includes(link.theme)) changes.theme = link.theme;
  if (replay.strip.names.includes(link.group)) changes.group = link.group;
  if (Object.hasOwn(PAGE_WORDS, link.lang ?? "")) changes.language = link.lang;
  if (link.arrows) changes.arrows = link.arrows === "none" ? "" : link.arrows;
  const own = { dstar: "optimal" };
  if (link.show) view.shown = new Set(link.show.map((name) => own[name] ?? name));
  if (link.hide) view.hidden = new Set(link.hide);
  const { steps } = replay.data;
  if (link.pin) changes.pins = link.pin.map((step) => steps[nearest(steps, step)]);
  clock.speed = link.speed ?? clock.speed;
  clock.repeat = link.repeat ?? clock.repeat;
  replay.change(changes);
  if (link.step !== undefined) replay.goto(nearest(steps, link.step));
}
