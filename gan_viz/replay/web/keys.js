// Keys as terminals and video players have them.

import { plain } from "./numbers.js";
import { element } from "./panes.js";
import { ZOOM, zoom } from "./pointers.js";
import { openSettings } from "./settings.js";

const KEYS = [
  [["Space"], "space"],
  [["←", "→"], "second"],
  [["Shift+←", "Shift+→"], "tenth"],
  [[",", "."], "oneframe"],
  [["[", "]"], "marks"],
  [["0", "…", "9"], "digits"],
  [["Home", "End"], "ends"],
  [["p"], "pin"],
  [["+", "−"], "zoom"],
  [["f"], "full"],
  [["?"], "help"],
  [["Esc"], "escape"],
];

export async function fullScreen(replay) {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch {
    replay.byId("full").hidden = true; // the page around this one does not allow it
  }
}

export function showKeys(replay) {
  const dialog = replay.byId("keys");
  const table = element("table");
  for (const [keys, name] of KEYS) {
    const cell = element("td");
    for (const key of keys) cell.append(element("kbd", {}, key), " ");
    table.append(element("tr", {}, cell, element("td", {}, replay.page(name))));
  }
  const close = element("button", { type: "button" }, replay.page("close"));
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(element("h2", {}, replay.page("help")), table, close);
  dialog.setAttribute("aria-label", replay.page("help"));
  if (!dialog.open) dialog.showModal();
}

/** Keys as terminals and video players have them. */
export function pressed(replay, event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || replay.byId("keys").open) return;
  if (key !== "Escape" && target.matches?.("input, select, textarea")) return;
  if ((key === " " || key === "Enter") && target.matches?.("button, a")) return;
  const act = action(replay, key, event.shiftKey);
  if (!act) return;
  event.preventDefault();
  act();
}

function action(replay, key, shift) {
  const { clock, data } = replay;
  const moveBy = (second) => () => {
    replay.seek(Math.min(clock.time, clock.end) + second);
    replay.announce();
  };
  if (/^[0-9]$/.test(key))
    return moveBy((Number(key) / 10) * clock.end - Math.min(clock.time, clock.end));
  const pane = replay.panes.shown(replay.view)[0];
  const middle = () => (pane.view.xScale ? (pane.view.xScale.start + pane.view.xScale.end) / 2 : 0);
  return {
    " ": () => replay.playOrPause(),
    ArrowLeft: moveBy(shift ? -clock.end / 10 : -1),
    ArrowRight: moveBy(shift ? clock.end / 10 : 1),
    ",": () => replay.goto(replay.frame - 1),
    ".": () => replay.goto(replay.frame + 1),
    "[": () => toMark(replay, -1),
    "]": () => toMark(replay, 1),
    Home: () => replay.goto(0),
    End: () => replay.goto(data.steps.length - 1),
    f: () => fullScreen(replay),
    p: () => replay.pin(),
    "?": () => showKeys(replay),
    "+": () => pane && zoom(replay, pane, ZOOM, middle()),
    "-": () => pane && zoom(replay, pane, 1 / ZOOM, middle()),
    Escape: () => leave(replay),
  }[key];
}

/** Go to the next mark, or to the one before. */
function toMark(replay, direction) {
  const steps = replay.marks.map((mark) => mark.step);
  const ahead = steps.filter((step) => direction * (step - replay.step) > 0);
  if (!ahead.length) return;
  const step = direction > 0 ? Math.min(...ahead) : Math.max(...ahead);
  const frame = replay.data.steps.findIndex((one) => one >= step);
  replay.goto(frame < 0 ? replay.data.steps.length - 1 : frame);
  const mark = replay.marks.find((one) => one.step === step);
  replay.announce(plain(mark.text));
}

/** Close what is open; else give the keys back to the page around this one. */
function leave(replay) {
  if (!replay.byId("settings").hidden) {
    openSettings(replay, false);
    replay.byId("more").focus();
  } else if (replay.view.sample >= 0) replay.change({ sample: -1 });
  else if (replay.view.run >= 0) replay.change({ run: -1 });
  else {
    document.activeElement?.blur();
    if (window.parent !== window) window.parent.focus();
  }
}
