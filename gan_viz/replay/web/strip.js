// The scrub bar: curves over the clock, marks of verdicts by name, and where the replay is.

import { interpolated } from "./numbers.js";
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
    return all.length ? [Math.min(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))] : [0, 1];
  }

  arrange(width, height, clock, name, { em }) {
    this.box = { left: 0.75 * em, right: width - 0.75 * em, top: 0.3 * em, bottom: height - 0.3 * em };
    this.xScale = new Scale(0, clock.end || 1, this.box.left, this.box.right);
    this.yScale = new Scale(...this.limits(name), this.box.bottom, this.box.top);
  }

  draw(ctx, width, height, clock, name, look) {
    const { em, colors, line } = look;
    this.arrange(width, height, clock, name, look);
    const now = this.xScale.at(Math.min(clock.time, clock.end));
    ctx.fillStyle = colors.faint;
    ctx.globalAlpha = 0.13;
    ctx.fillRect(this.box.left, this.box.top, this.box.right - this.box.left, this.box.bottom - this.box.top);
    ctx.globalAlpha = 1;
    const single = this.data.runs.length === 1;
    for (const group of this.groups(name)) {
      if (!group) continue;
      for (const [value, text] of single ? group.marks : []) {
        straight(ctx, this.box.left, this.yScale.at(value), this.box.right, this.yScale.at(value), colors.faint, 1);
        write(ctx, text, this.box.right - 0.2 * em, this.yScale.at(value) - 0.15 * em, { color: colors.muted, em: 0.75 * em, align: "right" });
      }
      for (const one of group.lines) this.#drawLine(ctx, one, clock, now, colors, single ? line : 0.5 * line, single);
    }
    straight(ctx, now, 0, now, height, colors.ink, Math.max(2, 0.8 * line));
    ctx.beginPath();
    ctx.arc(now, this.box.top + 0.1 * em, 0.38 * em, 0, 2 * Math.PI);
    ctx.fillStyle = colors.ink;
    ctx.fill();
  }

  /** What has been is drawn in full, what is to come pale. */
  #drawLine(ctx, one, clock, now, colors, width, banded) {
    const { steps: all } = this.data;
    const color = colors[one.color] ?? colors.ink;
    const place = (steps) => {
      const seconds = steps.map((step) => this.xScale.at(interpolated(step, all, clock.seconds)));
      return (i) => seconds[i];
    };
    const kept = (one.kept ??= {});
    const key = [this.xScale.end, clock.end, clock.way].join(" ");
    if (kept.key !== key) {
      Object.assign(kept, { key, x: place(one.steps) });
    }
    const up = (values) => (i) => this.yScale.at(values[i]);
    const parts = [[{ ...this.box, right: now }, 1], [{ ...this.box, left: now }, 0.35]];
    for (const [box, opacity] of parts) {
      clipped(ctx, box, () => {
        if (banded && one.band) area(ctx, one.steps.length, kept.x, up(one.band[1]), up(one.band[0]), color, 0.25 * opacity);
        ctx.globalAlpha = opacity;
        curve(ctx, one.steps.length, kept.x, up(one.values), color, width);
        ctx.globalAlpha = 1;
      });
    }
  }

  /** The second of the replay at a pixel. */
  secondAt(px) {
    return Math.min(this.xScale.high, Math.max(0, this.xScale.back(px)));
  }
}
