// The scrub bar: curves over the clock, marks of verdicts by name, and where the replay is.

import { interpolated } from "./numbers.js";
import { colorOf } from "./panes.js";
import { Scale, area, clipped, curve, straight, write } from "./plot.js";

/** Draws the curves of a group of each run over the seconds of the replay. */
export class Strip {
  constructor(data) {
    this.data = data;
    this.names = [...new Set(data.runs.flatMap((run) => run.groups.map((group) => group.key)))];
  }

  /** The groups of a name, one of each run that has it. */
  groups(name) {
    return this.data.runs.map((run) => run.groups.find((group) => group.key === name));
  }

  /** Ends of the scale of all runs. */
  limits(name) {
    const all = this.groups(name).flatMap((group) => (group ? [group.limits] : []));
    return all.length
      ? [Math.min(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))]
      : [0, 1];
  }

  arrange(width, height, clock, name, { em }) {
    this.box = {
      left: 0.75 * em,
      right: width - 0.75 * em,
      top: 0.3 * em,
      bottom: height - 0.3 * em,
    };
    this.xScale = new Scale(0, clock.end || 1, this.box.left, this.box.right);
    this.yScale = new Scale(...this.limits(name), this.box.bottom, this.box.top);
    return this;
  }

  /** All that stands still; where the replay is moves above it. */
  draw(ctx, width, height, clock, name, look) {
    const { colors, line } = look;
    const { box } = this.arrange(width, height, clock, name, look);
    ctx.fillStyle = colors.faint;
    ctx.globalAlpha = 0.13;
    ctx.fillRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    ctx.globalAlpha = 1;
    const single = this.data.runs.length === 1;
    clipped(ctx, box, () => {
      for (const [number, group] of this.groups(name).entries()) {
        if (!group) continue;
        if (single) for (const mark of group.marks) this.#drawMark(ctx, ...mark, look);
        for (const one of single ? group.lines : group.lines.slice(0, 1)) {
          const color = single ? (colors[one.color] ?? colors.ink) : colorOf(number, look.dark);
          this.#drawLine(ctx, one, clock, color, single ? line : 0.6 * line, single);
        }
      }
    });
  }

  /** A value at equilibrium. */
  #drawMark(ctx, value, text, { em, colors }) {
    const y = this.yScale.at(value);
    straight(ctx, this.box.left, y, this.box.right, y, colors.faint, 1);
    const above = y - em > this.box.top; // else the text has room below the line alone
    const look = { color: colors.muted, em: 0.75 * em, align: "right" };
    write(ctx, text, this.box.right - 0.2 * em, y + (above ? -0.15 : 0.75) * em, look);
  }

  #drawLine(ctx, one, clock, color, width, banded) {
    const { steps } = this.data;
    const at = one.steps.map((step) => this.xScale.at(interpolated(step, steps, clock.seconds)));
    const across = (i) => at[i];
    const up = (values) => (i) => this.yScale.at(values[i]);
    if (banded && one.band) {
      area(ctx, at.length, across, up(one.band[1]), up(one.band[0]), color, 0.25);
    }
    curve(ctx, at.length, across, up(one.values), color, width);
  }

  /** Where a clock is, in pixels. */
  placeOf(clock) {
    return this.xScale.at(Math.min(clock.time, clock.end));
  }

  /** The second of the replay at a pixel. */
  secondAt(px) {
    return Math.min(this.xScale.high, Math.max(0, this.xScale.back(px)));
  }
}
