// Mouse, pen and fingers on the pictures and on the bar, and what is told beside them.

import { figuresAt } from "./labels.js";
import { grouped, lastUpTo, written } from "./numbers.js";
import { element } from "./panes.js";

export const ZOOM = 1.25;

/** The bar: a press or a drag goes there; arrow keys are those of the page. */
export function connectStrip(replay) {
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
export function connectStage(replay) {
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

export function zoom(replay, pane, factor, px) {
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
  for (const [key, value, role] of single ? figuresAt(replay, replay.run, step) : []) {
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
