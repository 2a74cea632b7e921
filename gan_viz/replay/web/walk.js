// Pictures along walks between latents at each frame.

import { write } from "./plot.js";
import { Sheet, enlarged } from "./sheet.js";

/** Pictures along walks between latents; a slider moves along them. */
export class WalkView {
  constructor(run) {
    this.run = run;
    this.found = run.walk;
    this.sheet = new Sheet(this.found);
    this.large = new Sheet(this.found);
    this.aspect = 2;
  }

  get curves() {
    return [];
  }

  draw(ctx, width, height, frame, view, look) {
    const { em, colors } = look;
    const { rows, columns, images, kinds } = this.found;
    const at = Math.round(view.walk * (columns - 1));
    const side = kinds.length ? 6 * em : 0.6 * em;
    const box = {
      left: side,
      top: 0.4 * em,
      right: width * 0.76,
      bottom: height - 0.4 * em,
    };
    const all = Array.from({ length: rows * columns }, (_, i) => [
      images,
      frame,
      i,
      i % columns,
      Math.floor(i / columns),
    ]);
    const placed = enlarged(ctx, this.sheet.arranged(all, columns, rows, colors.background), box);
    const pitch = (this.sheet.wide + this.sheet.gap) * placed.factor;
    const tall = (this.sheet.tall + this.sheet.gap) * placed.factor;
    ctx.strokeStyle = colors.generated;
    ctx.lineWidth = look.line;
    ctx.strokeRect(
      placed.left + at * pitch,
      placed.top,
      this.sheet.wide * placed.factor,
      placed.bottom - placed.top,
    );
    kinds.forEach((kind, row) =>
      write(ctx, kind.slice(0, 16), placed.left - 0.5 * em, placed.top + (row + 0.5) * tall, {
        color: colors.ink,
        em: 0.86 * em,
        align: "right",
        base: "middle",
      }),
    );
    const few = Array.from({ length: rows }, (_, row) => [
      images,
      frame,
      row * columns + at,
      0,
      row,
    ]);
    enlarged(ctx, this.large.arranged(few, 1, rows, colors.background), {
      ...box,
      left: width * 0.78,
      right: width - 0.6 * em,
    });
  }

  hover() {
    return null;
  }
}
