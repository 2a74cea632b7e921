// Buttons, menus, pointers and keys.

import { CLOCKS, REPEATS, SPEEDS } from "./clock.js";
import { withLetters } from "./app.js";
import { grouped, lastUpTo, plain, written } from "./numbers.js";
import { element } from "./panes.js";
import { copyLink, saveCsv, savePng, saveSvg } from "./saving.js";

const ZOOM = 1.25;

/** Connect all controls of the page with a replay. */
export function connect(replay) {
  const { byId } = replay;
  byId("play").addEventListener("click", () => replay.playOrPause());
  byId("back").addEventListener("click", () => replay.goto(replay.frame - 1));
  byId("forward").addEventListener("click", () => replay.goto(replay.frame + 1));
  byId("pin").addEventListener("click", () => replay.pin());
  byId("more").addEventListener("click", () => openSettings(replay, byId("settings").hidden));
  byId("full").addEventListener("click", () => fullScreen(replay));
  byId("full").hidden = !document.fullscreenEnabled;
  byId("help").addEventListener("click", () => showKeys(replay));
  byId("speed").addEventListener(
    "change",
    (event) => (replay.clock.speed = Number(event.target.value)),
  );
  byId("repeat").addEventListener("change", (event) =>
    Object.assign(replay.clock, { repeat: event.target.value, times: 0 }),
  );
  replay.onRelabel = () => relabel(replay);
  connectStrip(replay);
  connectStage(replay);
  replay.root.addEventListener("replaced", () => connectStage(replay));
  const own = new URLSearchParams(location.search).get("keys") === "off";
  document.addEventListener("keydown", (event) => {
    if (own && !replay.root.contains(document.activeElement)) return;
    pressed(replay, event);
  });
  relabel(replay);
}

function options(select, values, chosen) {
  select.replaceChildren(
    ...values.map(([value, text]) =>
      element("option", { value, selected: value === chosen }, text),
    ),
  );
  select.value = chosen;
}

/** The texts of the controls, which depend on the language, and what they stand at. */
function relabel(replay) {
  const { byId, clock } = replay;
  for (const name of ["speed", "repeat"]) {
    byId(`${name}-word`).textContent = replay.page(name);
    byId(name).setAttribute("aria-label", replay.page(name));
  }
  const speeds = SPEEDS.includes(clock.speed)
    ? SPEEDS
    : [...SPEEDS, clock.speed].sort((a, b) => a - b);
  const told = { 0.25: "¼", 0.5: "½" };
  options(
    byId("speed"),
    speeds.map((one) => [String(one), `${told[one] ?? one}×`]),
    String(clock.speed),
  );
  options(
    byId("repeat"),
    REPEATS.map((one) => [one, replay.page(one)]),
    clock.repeat,
  );
  const jumps = replay.jumps.map(([text, frame], i) => {
    const button = element("button", { type: "button", "data-jump": i });
    button.append(...replay.lettered(withLetters(text)));
    button.addEventListener("click", () => replay.goto(frame));
    return button;
  });
  const focused = document.activeElement?.dataset?.jump;
  byId("jumps").replaceChildren(...jumps);
  if (focused) byId("jumps").querySelector(`[data-jump="${focused}"]`)?.focus();
  if (!byId("settings").hidden) fillSettings(replay);
}

function openSettings(replay, open) {
  const { byId } = replay;
  byId("settings").hidden = !open;
  byId("more").setAttribute("aria-expanded", String(open));
  if (open) fillSettings(replay);
}

/** Menus and buttons of all that may be chosen for these runs. */
function fillSettings(replay) {
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

async function fullScreen(replay) {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch {
    replay.byId("full").hidden = true; // the page around this one does not allow it
  }
}

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

function showKeys(replay) {
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

/** The bar: a press or a drag goes there; arrow keys are those of the page. */
function connectStrip(replay) {
  const bar = replay.byId("strip");
  const seek = (event) => {
    const px = event.clientX - bar.getBoundingClientRect().left;
    replay.seek(replay.strip.secondAt(px));
  };
  bar.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    bar.setPointerCapture(event.pointerId);
    seek(event);
  });
  bar.addEventListener(
    "pointermove",
    (event) => bar.hasPointerCapture(event.pointerId) && seek(event),
  );
  bar.addEventListener("pointerup", () => replay.announce());
  bar.addEventListener("pointermove", (event) => tellOfStep(replay, event));
  bar.addEventListener("pointerleave", () => (replay.byId("tip").hidden = true));
}

/** Pictures: a pointer over them asks for values, drags and wheels move and zoom x. */
function connectStage(replay) {
  const tip = replay.byId("tip");
  const hide = (pane) => {
    tip.hidden = true;
    replay.hoverAgain = null;
    pane.point(null, replay.lookOf(replay.panes.columns));
  };
  for (const pane of replay.panes.all) {
    const { picture } = pane;
    const fingers = new Map();
    const place = (event) => {
      const box = picture.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    picture.addEventListener("pointermove", (event) => {
      if (fingers.has(event.pointerId)) moved(replay, pane, fingers, event);
      const at = [event.clientX, event.clientY];
      replay.hoverAgain = () => tell(replay, pane, ...place(event), at);
      replay.hoverAgain();
    });
    picture.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, event.clientX);
      const at = [event.clientX, event.clientY];
      replay.hoverAgain = () => tell(replay, pane, ...place(event), at);
      replay.hoverAgain();
      replay.root.focus({ preventScroll: true });
    });
    for (const name of ["pointerup", "pointercancel"])
      picture.addEventListener(name, (event) => fingers.delete(event.pointerId));
    picture.addEventListener("pointerleave", (event) => {
      fingers.delete(event.pointerId);
      if (event.pointerType === "mouse") hide(pane);
    });
    picture.addEventListener("click", (event) => choose(replay, pane, ...place(event)));
    picture.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        zoom(replay, pane, ZOOM ** (-event.deltaY / 100), place(event)[0]);
      },
      { passive: false },
    );
    pane.button.addEventListener("click", () =>
      replay.change({ run: replay.view.run < 0 ? pane.number : -1 }),
    );
  }
}

function choose(replay, pane, px, py) {
  const sample = pane.view.sampleAt?.(px, py);
  if (sample === undefined) return;
  replay.change({ sample: sample === replay.view.sample ? -1 : sample });
}

/** One finger or the mouse moves x, two zoom it. */
function moved(replay, pane, fingers, event) {
  const before = fingers.get(event.pointerId);
  const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
  fingers.set(event.pointerId, event.clientX);
  if (!pane.view.xScale || !pane.run.density) return;
  if (others.length === 1) {
    const [was, is] = [Math.abs(before - others[0]), Math.abs(event.clientX - others[0])];
    const left = pane.picture.getBoundingClientRect().left;
    if (was > 8 && is > 8) zoom(replay, pane, is / was, (event.clientX + others[0]) / 2 - left);
  } else if (replay.view.x) {
    const shift = (before - event.clientX) / pane.view.xScale.factor;
    setWindow(
      replay,
      pane,
      replay.view.x.map((end) => end + shift),
    );
  }
}

function zoom(replay, pane, factor, px) {
  const { xScale } = pane.view;
  if (!xScale || !pane.run.density) return;
  const middle = xScale.back(px);
  setWindow(
    replay,
    pane,
    [xScale.low, xScale.high].map((end) => middle + (end - middle) / factor),
  );
}

/** Look at a part of x, within what there is. */
function setWindow(replay, pane, [low, high]) {
  const whole = pane.run.density.x;
  const length = Math.max(high - low, (whole[1] - whole[0]) / 200);
  if (length >= whole[1] - whole[0]) return replay.change({ x: null });
  const start = Math.min(Math.max(low, whole[0]), whole[1] - length);
  return replay.change({ x: [start, start + length] });
}

/** Values at a place, beside it. */
function tell(replay, pane, px, py, at) {
  const look = replay.lookOf(replay.panes.columns);
  const found = pane.view.hover(px, py, pane.frame(replay.step), replay.view);
  pane.point(found, look);
  const rows = found?.rows ?? [];
  const named = rows.map(([name, ...rest]) => [
    name.length > 1 ? replay.name(name) : name,
    ...rest,
  ]);
  showTip(replay, named, at);
}

/** The step under the pointer in the bar, and the figures there. */
function tellOfStep(replay, event) {
  const px = event.clientX - replay.byId("strip").getBoundingClientRect().left;
  const second = replay.strip.secondAt(px);
  const step = replay.data.steps[lastUpTo(replay.clock.seconds, second)];
  const rows = [[replay.stepWord(), "ink", grouped(step)]];
  const single = replay.data.runs.length === 1 || replay.view.run >= 0;
  for (const [key, value, role] of single ? replay.figuresAt(replay.run, step) : []) {
    rows.push([replay.name(key), role, written(value, 4)]);
  }
  showTip(replay, rows, [event.clientX, event.clientY]);
}

/** Show names, roles and values beside the pointer; none hide what is there. */
function showTip(replay, rows, [x, y]) {
  const tip = replay.byId("tip");
  tip.hidden = !rows.length;
  if (!rows.length) return;
  const { colors } = replay.look;
  const table = element("table");
  for (const [name, role, text] of rows) {
    const cell = element("td", {}, ...replay.lettered(name));
    cell.style.color = colors[role] ?? colors.ink;
    table.append(element("tr", {}, cell, element("td", {}, text)));
  }
  tip.replaceChildren(table);
  const box = replay.root.getBoundingClientRect();
  const beside = x + 18 + tip.offsetWidth > box.right ? x - 18 - tip.offsetWidth : x + 18;
  tip.style.left = `${Math.max(4, beside - box.left)}px`;
  tip.style.top = `${Math.max(4, Math.min(y - box.top, box.height - tip.offsetHeight - 4))}px`;
}

/** Keys as terminals and video players have them. */
function pressed(replay, event) {
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
