// p_data, p_g, D and the optimal D along x.

import { DEPTH, bottomOfArrows, drawArrows } from "./arrows.js";
import { drawAxes } from "./axes.js";
import { Densities } from "./densities.js";
import { fromLevels, written } from "./numbers.js";
import { Scale, area, clipped, curve, drawBelow, write } from "./plot.js";

const TINT = 0.2;
const BARS = 0.28;
const GAP = 0.45;
const STROKE = 0.4; // length of a sample's stroke, relative to the lane of both kinds
const SEEN = 0.01; // part of G's samples beyond the window that is told of

/** Where the greatest of some numbers is. */
function highest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
  return best;
}

/** Draws the densities of a run, and tells what is at a place. */
export class DensityView {
  constructor(run) {
    this.run = run;
    this.known = new Densities(run.density);
    this.pinned = new Densities(run.density);
    this.aspect = 1.9;
  }

  /** Names of curves that there are, with the role that gives each its colour. */
  get curves() {
    const { data, d, arrows } = this.run.density;
    const found = data ? [["data", "data"]] : [];
    found.push(["generated", "generated"]);
    if (d) found.push([d.critic ? "critic" : "discriminator", "discriminator"]);
    if (d?.best) found.push(["optimal", "muted"]);
    if (arrows?.reach) found.push(["gradient", "discriminator"]);
    return found;
  }

  /** The scales of a picture. */
  arrange(width, height, view, look) {
    const { em } = look;
    const found = this.run.density;
    const long = found.name.length > 2;
    const arrows = this.arrows(view);
    const box = {
      left: 3.4 * em,
      right: width - (found.d && !found.d.common ? 3 * em : 0.8 * em),
      top: (look.bare ? 1.2 : 1.6) * em,
      bottom: height - (long ? 2.9 : 1.8) * em,
    };
    if (arrows) box.bottom = height - 0.4 * em;
    const own = view.scales === "own" ? found.own : found;
    const top = own.top;
    const part = arrows ? DEPTH : view.hidden.has("rug") ? 0 : found.lane;
    this.box = box;
    this.xScale = new Scale(...(view.x ?? own.x), box.left, box.right);
    this.yScale = new Scale(-part * top, top, box.bottom, box.top);
    const [low, high] = found.d?.limits ?? [0, 1];
    this.dScale = new Scale(
      low,
      low + (high - low) * (top / found.top),
      this.yScale.at(0),
      box.top,
    );
    return box;
  }

  arrows(view) {
    return view.arrows && this.run.density.arrows ? view.arrows : "";
  }

  hasRug(view) {
    return !view.arrows && !view.hidden.has("rug") && this.run.density.lane > 0;
  }

  draw(ctx, width, height, frame, view, look) {
    this.still(ctx, width, height, view, look);
    this.move(ctx, width, height, frame, view, look);
  }

  /** What is the same at all frames: axes and p_data. */
  still(ctx, width, height, view, look) {
    this.arrange(width, height, view, look);
    drawAxes(this, ctx, view, look);
    const { arrows, data } = this.run.density;
    if (this.arrows(view)) {
      const zScale = new Scale(...arrows.ends, this.box.left, this.box.right);
      drawBelow(ctx, zScale, bottomOfArrows(this, look), "z", look);
    }
    if (!data || view.hidden.has("data")) return;
    clipped(ctx, { ...this.box, bottom: this.yScale.at(0) }, () => this.#drawData(ctx, look));
    if (!this.hasRug(view)) return;
    clipped(ctx, this.box, () => this.#drawRug(ctx, data.rug, 0.55, look.colors.data, look));
  }

  /** What moves, above it. */
  move(ctx, width, height, frame, view, look) {
    this.arrange(width, height, view, look);
    const low = { ...this.box, bottom: this.yScale.at(0) };
    clipped(ctx, this.arrows(view) ? low : this.box, () =>
      this.#drawCurves(ctx, frame, view, look),
    );
    if (this.arrows(view)) drawArrows(this, ctx, frame, view, look);
    this.#drawWords(ctx, frame, view, look);
  }

  #drawCurves(ctx, frame, view, look) {
    const { colors, line } = look;
    const { found, points, x } = this.known;
    const across = (i) => this.xScale.at(x(i));
    const height = (values) => (i) => this.yScale.at(Math.min(values[i], 9 * this.yScale.high));
    const on = (name) => !view.hidden.has(name);
    if (found.d?.best && view.shown.has("optimal")) this.#drawBest(ctx, frame, look, across);
    view.pins.forEach((pin, number) => this.#drawPin(ctx, pin, number, view, look, across, height));
    const turn = found.turns[frame];
    if (found.d && on("discriminator")) {
      const d = this.known.d(frame);
      const dash = found.dashed ? [0.1, 2 * line] : [];
      curve(
        ctx,
        points,
        across,
        (i) => this.dScale.at(d[i]),
        colors.discriminator,
        line * (turn === "d" ? 1.7 : 1),
        dash,
      );
    }
    if (!on("generated")) return;
    if (this.hasRug(view)) this.#drawRug(ctx, this.#chosen(frame), 0.05, colors.generated, look);
    const generated = this.known.generated(frame, view);
    const up = height(generated);
    if (found.shaded) area(ctx, points, across, up, this.yScale.at(0), colors.generated, TINT);
    curve(ctx, points, across, up, colors.generated, line * (turn === "g" ? 1.7 : 1));
  }

  #drawData(ctx, { colors, line }) {
    const { data, x, dashed, shaded } = this.run.density;
    const count = data.density.length;
    const across = (i) => this.xScale.at(x[0] + (i * (x[1] - x[0])) / (count - 1));
    const up = (i) => this.yScale.at(data.density[i]);
    if (data.heights) this.#drawBars(ctx, data, colors.data);
    else if (shaded) area(ctx, count, across, up, this.yScale.at(0), colors.data, TINT);
    curve(ctx, count, across, up, colors.data, 1.6 * line, dashed ? [2.5 * line, 3 * line] : []);
  }

  #drawBars(ctx, { edges, heights }, color) {
    ctx.fillStyle = color;
    ctx.globalAlpha = BARS;
    heights.forEach((height, i) => {
      const [left, right] = [this.xScale.at(edges[i]), this.xScale.at(edges[i + 1])];
      ctx.fillRect(
        left,
        this.yScale.at(height),
        right - left,
        this.yScale.at(0) - this.yScale.at(height),
      );
    });
    ctx.globalAlpha = 1;
  }

  /** Samples as strokes from some part of the lane below the axis on. */
  #drawRug(ctx, values, from, color, { line }) {
    const unit = -this.run.density.lane * this.yScale.high;
    const top = this.yScale.at(from * unit);
    const bottom = this.yScale.at((from + STROKE) * unit);
    ctx.beginPath();
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      const x = this.xScale.at(value);
      ctx.moveTo(x, top);
      ctx.lineTo(x, bottom);
    }
    ctx.strokeStyle = color;
    ctx.lineWidth = 0.5 * line;
    ctx.lineCap = "butt"; // round ends take three times as long
    ctx.stroke();
  }

  /** Those of G's outputs at a frame that are drawn. */
  #chosen(frame) {
    const { outputs, rug } = this.run.density;
    const row = outputs.row(frame);
    const last = Math.max(1, rug - 1);
    return new Float64Array(rug).map((_, i) => row[Math.trunc((i * (row.length - 1)) / last)]);
  }

  #drawBest(ctx, frame, { colors, line }, across) {
    const [best, d] = [this.known.best(frame), this.known.d(frame)];
    const { points } = this.known;
    area(
      ctx,
      points,
      across,
      (i) => this.dScale.at(d[i]),
      (i) => this.dScale.at(best[i]),
      colors.muted,
      GAP,
    );
    curve(ctx, points, across, (i) => this.dScale.at(best[i]), colors.muted, 0.5 * line);
  }

  /** A frame that is kept in sight: p_g and D, thin and dashed, with a letter at the peak. */
  #drawPin(ctx, frame, number, view, { colors, line, em }, across, height) {
    const { points, found } = this.known;
    const dash = number ? [0.7 * line, 1.6 * line] : [3 * line, 2 * line];
    if (found.d && !view.hidden.has("discriminator")) {
      const d = this.pinned.d(frame);
      curve(
        ctx,
        points,
        across,
        (i) => this.dScale.at(d[i]),
        colors.discriminator,
        0.6 * line,
        dash,
      );
    }
    if (view.hidden.has("generated")) return;
    const values = this.pinned.generated(frame, view);
    curve(ctx, points, across, height(values), colors.generated, 0.7 * line, dash);
    const peak = highest(values);
    const y = Math.max(this.box.top + 1.1 * em, this.yScale.at(values[peak]) - 0.3 * em);
    write(ctx, "AB"[number], across(peak), y, {
      color: colors.generated,
      em,
      align: "center",
      bold: true,
    });
  }

  /** How high p_g is where it leaves the picture, and what part of G's samples is beside it. */
  #drawWords(ctx, frame, view, { colors, em, say }) {
    if (view.hidden.has("generated")) return;
    const how = { color: colors.generated, em: 0.86 * em };
    const values = this.known.generated(frame, view);
    const peak = highest(values);
    if (values[peak] > this.yScale.high) {
      const x = Math.min(
        this.box.right - 3 * em,
        Math.max(this.box.left + 3 * em, this.xScale.at(this.known.x(peak))),
      );
      const exact =
        view.density === "recorded" ? this.run.density.generated.peak[frame] : values[peak];
      write(ctx, `${say("peak")} ${written(exact, 2)}`, x, this.box.top - 0.3 * em, {
        ...how,
        align: "center",
      });
    }
    const [left, right] = [0, 1].map((side) => this.run.density.outside.at(frame, side));
    const y = (this.yScale.at(0) + this.box.top) / 2;
    const told = (part) => `${Math.round(100 * part)}% ${say("outside")}`;
    if (left > SEEN) write(ctx, `← ${told(left)}`, this.box.left + 0.5 * em, y, how);
    if (right > SEEN)
      write(ctx, `${told(right)} →`, this.box.right - 0.5 * em, y, {
        ...how,
        align: "right",
      });
  }

  /** Rows of a table on what is at a pixel: [name, role, text]; and where to draw a line. */
  hover(px, py, frame, view) {
    const { found, points } = this.known;
    const x = this.xScale.back(px);
    if (px < this.box.left - 4 || px > this.box.right + 4) return null;
    const step = (found.x[1] - found.x[0]) / (points - 1);
    const i = Math.min(points - 1, Math.max(0, Math.round((x - found.x[0]) / step)));
    const rows = [["x", "ink", written(this.known.x(i), 4)]];
    if (found.data) rows.push(["data", "data", written(this.known.data(i), 4)]);
    const levels = view.density === "recorded" ? found.generated.density.step : 1e-9;
    rows.push(["generated", "generated", fromLevels(this.known.generated(frame, view)[i], levels)]);
    if (found.d) {
      const name = found.d.critic ? "critic" : "discriminator";
      rows.push([name, "discriminator", fromLevels(this.known.d(frame)[i], found.d.values.step)]);
    }
    const best = this.known.best(frame);
    if (best) rows.push(["optimal", "muted", fromLevels(best[i], found.d.best.step)]);
    return {
      x: this.xScale.at(this.known.x(i)),
      top: this.box.top,
      bottom: this.yScale.at(0),
      rows,
    };
  }

  /** The numbers of a frame, as rows of a table whose first has the names. */
  table(frame, view) {
    const { found, points, x } = this.known;
    const columns = [["x", x]];
    if (found.data) columns.push(["p_data", (i) => this.known.data(i)]);
    const generated = this.known.generated(frame, view);
    columns.push(["p_g", (i) => generated[i]]);
    const [d, best] = [this.known.d(frame), this.known.best(frame)];
    if (d) columns.push([found.d.critic ? "critic" : "D", (i) => d[i]]);
    if (best) columns.push(["D*", (i) => best[i]]);
    const rows = Array.from({ length: points }, (_, i) => columns.map(([, value]) => value(i)));
    return [columns.map(([name]) => name), ...rows];
  }
}
