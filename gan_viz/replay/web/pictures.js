// Pictures of the same latents at each frame.

import { write } from "./plot.js";
import { Sheet, enlarged } from "./sheet.js";

const FILM = 24; // frames of one sample through time

/** Columns for a number of pictures that fill a room best. */
export function bestColumns(number, width, height, ratio) {
  let best = [1, 0];
  for (let columns = 1; columns <= number; columns += 1) {
    const rows = Math.ceil(number / columns);
    const size = Math.min(width / (columns * ratio), height / rows);
    if (size > best[1]) best = [columns, size];
  }
  return best[0];
}

/** Where pictures stand: columns, rows, and [number, column, row] of each. */
export function arrangement(number, labels, width, height, ratio) {
  if (labels) {
    const classes = [...new Set(labels)].sort((a, b) => a - b);
    const groups = classes.map((one) => labels.flatMap((label, i) => (label === one ? [i] : [])));
    const rows = Math.max(...groups.map((group) => group.length));
    const shown = Math.max(
      1,
      Math.min(rows, Math.round((classes.length * ratio * height) / width)),
    );
    const places = groups.flatMap((group, column) =>
      group.slice(0, shown).map((one, row) => [one, column, row]),
    );
    return { columns: classes.length, rows: shown, places, classes };
  }
  const columns = bestColumns(number, width, height, ratio);
  const places = Array.from({ length: number }, (_, i) => [
    i,
    i % columns,
    Math.floor(i / columns),
  ]);
  return { columns, rows: Math.ceil(number / columns), places, classes: null };
}

/** G's pictures of the same latents, real ones beside or above them, and one through time. */
export class GridView {
  constructor(run) {
    this.run = run;
    this.found = run.grid;
    this.sheet = new Sheet(this.found);
    this.real = new Sheet(this.found);
    this.film = new Sheet(this.found);
    this.aspect = 1.6;
  }

  get curves() {
    return [];
  }

  draw(ctx, width, height, frame, view, look) {
    const { em } = look;
    const chosen = view.sample >= 0 && view.sample < this.found.number;
    const across = width > height;
    const part = chosen ? 0.62 : 1;
    const box = {
      left: 0.6 * em,
      top: 0.3 * em,
      right: across ? width * part - 0.6 * em : width - 0.6 * em,
      bottom: across ? height : height * part,
    };
    this.#drawSheets(ctx, box, frame, view, look);
    if (!chosen) return;
    const rest = across
      ? {
          left: width * part + em,
          top: 1.5 * em,
          right: width - 0.6 * em,
          bottom: height,
        }
      : {
          left: 0.6 * em,
          top: height * part + 1.5 * em,
          right: width - 0.6 * em,
          bottom: height,
        };
    this.#drawSample(ctx, rest, frame, view, look);
  }

  /** Real pictures, then those of each pinned frame, then those of this frame. */
  #drawSheets(ctx, box, frame, view, look) {
    const { em, say, colors } = look;
    const frames = [...view.pins.map((pin, i) => [pin, "AB"[i]]), [frame, ""]];
    const room = box.right - box.left;
    const real = this.found.real ? Math.min(0.22 * room, 0.5 * (box.bottom - box.top)) : 0;
    if (real) this.#drawReal(ctx, { ...box, right: box.left + real - em }, look);
    const each = (room - real) / frames.length;
    frames.forEach(([shown, letter], i) => {
      const own = {
        left: box.left + real + i * each,
        top: box.top + 1.6 * em,
        right: box.left + real + (i + 1) * each - (i < frames.length - 1 ? em : 0),
        bottom: box.bottom,
      };
      const placed = this.#drawFrame(ctx, own, shown, look);
      const name = letter || say("pictures");
      write(ctx, name, placed.left, placed.top - 0.35 * em - placed.names, {
        color: colors.generated,
        em,
        bold: Boolean(letter),
      });
      if (i === frames.length - 1) this.placed = placed;
    });
    this.#markSample(ctx, view, look);
  }

  #drawReal(ctx, box, { em, say, colors }) {
    const { real } = this.found;
    const number = real.shape[1];
    const [width, height] = [box.right - box.left, box.bottom - box.top - 1.6 * em];
    const columns = Math.min(2, number);
    const size = (width / columns) * (this.found.size[1] / this.found.size[0]);
    const rows = Math.max(1, Math.min(Math.ceil(number / columns), Math.floor(height / size)));
    const places = Array.from({ length: Math.min(number, rows * columns) }, (_, i) => [
      real,
      0,
      i,
      i % columns,
      Math.floor(i / columns),
    ]);
    const canvas = this.real.arranged(places, columns, rows, colors.background);
    const placed = enlarged(ctx, canvas, { ...box, top: box.top + 1.6 * em });
    write(ctx, say("real"), placed.left, placed.top - 0.35 * em, {
      color: colors.data,
      em,
    });
  }

  #drawFrame(ctx, box, frame, { em, colors }) {
    const { number, labels, images, size, classes } = this.found;
    const names = labels ? 1.3 * em : 0;
    const inner = { ...box, top: box.top + names };
    const [width, height] = [inner.right - inner.left, inner.bottom - inner.top];
    const order = arrangement(number, labels, width, height, size[0] / size[1]);
    const places = order.places.map(([one, column, row]) => [images, frame, one, column, row]);
    const canvas = this.sheet.arranged(places, order.columns, order.rows, colors.background);
    const placed = { ...enlarged(ctx, canvas, inner), ...order, names };
    if (order.classes) {
      const pitch = (size[0] + this.sheet.gap) * placed.factor;
      order.classes.forEach((one, column) => {
        const text = (classes[one] ?? String(one)).slice(0, 12);
        const small = Math.min(0.86 * em, (1.7 * pitch) / Math.max(1, text.length));
        write(ctx, text, placed.left + (column + 0.46) * pitch, placed.top - 0.3 * em, {
          color: colors.ink,
          em: small,
          align: "center",
        });
      });
    }
    return placed;
  }

  #markSample(ctx, view, { colors, line }) {
    const place = this.placed.places.find(([one]) => one === view.sample);
    if (!place) return;
    const [left, top, width, height] = this.#tile(place);
    ctx.strokeStyle = colors.generated;
    ctx.lineWidth = line;
    ctx.strokeRect(left - line / 2, top - line / 2, width + line, height + line);
  }

  #tile([, column, row]) {
    const { factor, left, top } = this.placed;
    const { wide, tall, gap } = this.sheet;
    return [
      left + column * (wide + gap) * factor,
      top + row * (tall + gap) * factor,
      wide * factor,
      tall * factor,
    ];
  }

  /** One sample: large as it is now, and small at frames all along. */
  #drawSample(ctx, box, frame, view, look) {
    const { em, colors } = look;
    const { images } = this.found;
    const background = colors.background;
    const half = box.top + 0.48 * (box.bottom - box.top);
    const large = this.film.arranged([[images, frame, view.sample, 0, 0]], 1, 1, background);
    enlarged(ctx, large, { ...box, bottom: half });
    const count = Math.min(FILM, images.length);
    const chosen = Array.from({ length: count }, (_, i) =>
      Math.round((i * (images.length - 1)) / Math.max(1, count - 1)),
    );
    const columns = bestColumns(
      count,
      box.right - box.left,
      box.bottom - half - em,
      this.found.size[0] / this.found.size[1],
    );
    const places = chosen.map((one, i) => [
      images,
      one,
      view.sample,
      i % columns,
      Math.floor(i / columns),
    ]);
    const canvas = this.film.arranged(places, columns, Math.ceil(count / columns), background);
    const placed = enlarged(ctx, canvas, { ...box, top: half + em });
    const now = chosen.findLastIndex((one) => one <= frame);
    const pitch = [
      (this.film.wide + this.film.gap) * placed.factor,
      (this.film.tall + this.film.gap) * placed.factor,
    ];
    const corner = [
      placed.left + (now % columns) * pitch[0],
      placed.top + Math.floor(now / columns) * pitch[1],
    ];
    ctx.strokeStyle = colors.generated;
    ctx.lineWidth = look.line;
    ctx.strokeRect(...corner, this.film.wide * placed.factor, this.film.tall * placed.factor);
  }

  /** The sample at a pixel, or -1. */
  sampleAt(px, py) {
    const place = (this.placed?.places ?? []).find((one) => {
      const [left, top, width, height] = this.#tile(one);
      return px >= left && px < left + width && py >= top && py < top + height;
    });
    return place ? place[0] : -1;
  }

  hover(px, py) {
    const sample = this.sampleAt(px, py);
    if (sample < 0) return null;
    const { labels, classes } = this.found;
    const rows = [["pictures", "generated", `#${sample}`]];
    if (labels) rows.push(["classes", "ink", classes[labels[sample]] ?? String(labels[sample])]);
    return { rows };
  }
}
