// Pictures and walks at each frame.

import { write } from "./plot.js";

const APART = 0.08; // between pictures, relative to one
const FILM = 24; // frames of one sample through time

/** Small pictures as pixels: one frame of a stack, arranged in rows. */
class Sheet {
  constructor({ size, colors, images }) {
    const [wide, tall] = size;
    Object.assign(this, { wide, tall, colors, images });
    this.gap = Math.max(1, Math.round(APART * Math.min(wide, tall)));
    this.canvas = document.createElement("canvas");
  }

  /** Put pictures, each [row of the stack, number in it, column, row], on a canvas. */
  arranged(places, columns, rows, background) {
    const { wide, tall, gap, canvas } = this;
    canvas.width = columns * (wide + gap) - gap;
    canvas.height = rows * (tall + gap) - gap;
    const ctx = canvas.getContext("2d");
    ctx.fillStyle = background;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    for (const [images, row, number, column, line] of places) {
      ctx.putImageData(
        this.#picture(images, row, number),
        column * (wide + gap),
        line * (tall + gap),
      );
    }
    return canvas;
  }

  #picture(images, row, number) {
    const { wide, tall, colors } = this;
    const pixels = new ImageData(wide, tall);
    const count = wide * tall;
    const start = row * images.width + number * count * colors;
    for (let i = 0; i < count; i += 1) {
      const from = start + i * colors;
      for (let c = 0; c < 3; c += 1)
        pixels.data[4 * i + c] = images.data[from + (colors === 3 ? c : 0)];
      pixels.data[4 * i + 3] = 255;
    }
    return pixels;
  }
}

/** Draw a canvas as large as fits, its pixels as squares where they are enlarged. */
function enlarged(ctx, canvas, box) {
  const room = Math.min(
    (box.right - box.left) / canvas.width,
    (box.bottom - box.top) / canvas.height,
  );
  const factor = room > 1 ? Math.max(1, Math.floor(room * 8) / 8) : room;
  const [width, height] = [canvas.width * factor, canvas.height * factor];
  const left = box.left + (box.right - box.left - width) / 2;
  ctx.imageSmoothingEnabled = factor < 1;
  ctx.drawImage(canvas, left, box.top, width, height);
  return {
    left,
    top: box.top,
    right: left + width,
    bottom: box.top + height,
    factor,
  };
}

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
