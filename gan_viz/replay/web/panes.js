// The pictures of the runs, side by side: canvases that follow the size of the page.

import { DensityView } from "./density.js";
import { lastUpTo } from "./numbers.js";
import { GridView } from "./pictures.js";
import { PointsView, SignalsView } from "./plane.js";
import { clipped } from "./plot.js";
import { WalkView } from "./walk.js";

const KINDS = {
  density: DensityView,
  grid: GridView,
  walk: WalkView,
  points: PointsView,
  signals: SignalsView,
};

const OPAQUE = { alpha: false }; // to put pictures that hide what is below them together takes least

/** Make an element with attributes and what is in it: texts and elements. */
export function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}

/** What is inside of an element, in pixels of the page. */
export function roomIn({ clientWidth: width, clientHeight: height }) {
  return { width, height };
}

/** A size in pixels of the screen. */
function pixelsOf({ width, height }) {
  const dense = Math.min(3, globalThis.devicePixelRatio || 1);
  return [width, height].map((side) => Math.max(1, Math.round(side * dense)));
}

function resize(canvas, wide, tall) {
  if (canvas.width !== wide || canvas.height !== tall) [canvas.width, canvas.height] = [wide, tall];
}

/** Let a context draw in pixels of the page, in a part of it that begins some way down. */
function scale(ctx, { width, height }, [wide, tall], top = 0) {
  ctx.setTransform(wide / Math.max(1, width), 0, 0, tall / Math.max(1, height), 0, top);
}

/** Set a canvas to a size; return its context. */
export function fitted(canvas, size, family, how = {}) {
  const pixels = pixelsOf(size);
  resize(canvas, ...pixels);
  const ctx = canvas.getContext("2d", how);
  scale(ctx, size, pixels);
  ctx.family = family;
  return ctx;
}

/** A colour for each of several runs, apart in hue. */
export function colorOf(number, dark) {
  return `hsl(${(number * 137.5 + 210) % 360} 65% ${dark ? 65 : 38}%)`;
}

/** One picture of one run. */
class Pane {
  constructor(run, kind, number, captioned) {
    Object.assign(this, { run, number, view: new KINDS[kind](run) });
    this.canvas = element("canvas", { role: "img" });
    this.overlay = element("canvas", { "aria-hidden": "true", hidden: true });
    this.picture = element("div", { class: "picture" }, this.canvas, this.overlay);
    this.figure = element("figure", {}, this.picture);
    this.button = element("button", { type: "button" });
    this.swatch = element("span", { class: "dot" });
    this.distance = element("span", { class: "distance" });
    const caption = element("figcaption", {}, this.swatch, this.button, this.distance);
    if (captioned) this.figure.prepend(caption);
    // where there is no room, what runs have in common is cut off first: "LSG… · seed 3"
    const end = Math.max(run.title.lastIndexOf(" · "), 0);
    this.button.append(
      element("span", {}, run.title.slice(0, end)),
      element("span", {}, run.title.slice(end)),
    );
  }

  frame(step) {
    return lastUpTo(this.run.steps, step);
  }

  /** Draw a step; if nothing else has changed, only if another frame is in sight. */
  draw(step, view, look, changed) {
    const frame = this.frame(step);
    if (!changed && frame === this.drawn) return;
    this.drawn = frame;
    const { width, height } = this.size;
    const ctx = fitted(this.canvas, this.size, look.family, OPAQUE);
    ctx.save();
    ctx.resetTransform();
    ctx.drawImage(this.ground.canvas, 0, -this.ground.top);
    ctx.restore();
    const draw = this.view.move ?? this.view.draw;
    draw.call(this.view, ctx, width, height, frame, this.own(view), look);
  }

  /** Draw what stands still some way down on a canvas, out of sight: each frame begins with it. */
  prepare(canvas, top, view, look) {
    const { width, height } = this.size;
    const ctx = canvas.getContext("2d", OPAQUE);
    ctx.family = look.family;
    scale(ctx, this.size, pixelsOf(this.size), top);
    clipped(ctx, { left: 0, top: 0, right: width, bottom: height }, () => {
      ctx.fillStyle = look.colors.background;
      ctx.fillRect(0, 0, width, height);
      this.view.still?.(ctx, width, height, view, look);
    });
    this.ground = { canvas, top };
  }

  /** The view with pinned frames of this run. */
  own(view) {
    return { ...view, pins: view.pins.map((step) => this.frame(step)) };
  }

  /** A line through the place that is told of. */
  point(found, look) {
    this.overlay.hidden = found?.x === undefined; // what is not there need not be put together
    if (this.overlay.hidden) return;
    const ctx = fitted(this.overlay, this.size, look.family);
    ctx.clearRect(0, 0, this.size.width, this.size.height);
    ctx.strokeStyle = look.colors.ink;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(found.x, found.top);
    ctx.lineTo(found.x, found.bottom);
    ctx.stroke();
  }
}

/** All pictures, in as many columns as make them largest. */
export class Panes {
  constructor(stage, data) {
    this.stage = stage;
    this.table = data.table ?? [];
    this.wanted = data.columns;
    this.ground = element("canvas");
    const several = data.runs.length > 1;
    this.all = data.runs.flatMap((run, number) =>
      Object.keys(KINDS).flatMap((kind) =>
        run[kind] ? [new Pane(run, kind, number, several)] : [],
      ),
    );
    stage.replaceChildren(...this.all.map((pane) => pane.figure));
  }

  /** Those that are in sight: of all runs, or of one. */
  shown(view) {
    return view.run < 0 ? this.all : this.all.filter((pane) => pane.number === view.run);
  }

  /** Look how large they are, and draw what stands still: of all on one canvas takes least. */
  prepare(view, look) {
    const shown = this.shown(view);
    for (const pane of shown) pane.size = roomIn(pane.picture);
    const pixels = shown.map((pane) => pixelsOf(pane.size));
    const tall = pixels.reduce((sum, [, one]) => sum + one, 0);
    resize(this.ground, Math.max(1, ...pixels.map(([wide]) => wide)), tall);
    let top = 0;
    for (const [i, pane] of shown.entries()) {
      pane.prepare(this.ground, top, view, look);
      top += pixels[i][1];
    }
  }

  arrange(view) {
    const shown = this.shown(view);
    for (const pane of this.all) pane.figure.hidden = !shown.includes(pane);
    const { width, height } = (this.size = roomIn(this.stage));
    const aspect = shown[0]?.view.aspect ?? 1;
    let best = { size: 0, columns: 1, rows: 1, flow: "row" };
    for (const [columns, rows, flow] of this.#shapes(shown.length)) {
      const size = Math.min(width / columns / aspect, height / rows);
      if (size > best.size * 1.001) best = { size, columns, rows, flow };
    }
    const { style } = this.stage;
    style.gridAutoFlow = best.flow;
    style.gridTemplateColumns = `repeat(${best.columns}, minmax(0, 1fr))`;
    style.gridTemplateRows = `repeat(${best.rows}, minmax(0, 1fr))`;
    this.columns = best.columns;
    this.many = shown.length > 4;
  }

  /** Whether there is as much room as when they were arranged. */
  fits() {
    const { width, height } = roomIn(this.stage);
    return width === this.size.width && height === this.size.height;
  }

  /** Columns, rows and direction that pictures may stand in: of a table, as it is or turned. */
  #shapes(number) {
    const wanted = Math.min(this.wanted ?? 0, number);
    if (wanted) return [[wanted, Math.ceil(number / wanted), "row"]];
    const [rows = 0, columns = 0] = this.table;
    if (rows * columns === number && number > 1) {
      return [
        [columns, rows, "row"],
        [rows, columns, "column"],
      ];
    }
    return Array.from({ length: number }, (_, i) => [i + 1, Math.ceil(number / (i + 1)), "row"]);
  }
}
