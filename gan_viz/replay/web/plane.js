// Points in the plane and signals at each frame.

import { written } from "./numbers.js";
import { Scale, curve, straight, write } from "./plot.js";

/** Points in the plane, over a tint that tells where D takes them for real. */
export class PointsView {
  constructor(run) {
    this.found = run.points;
    const [[left, right], [low, high]] = this.found.window;
    this.aspect = Math.min(1.6, Math.max(0.625, (right - left) / (high - low)));
    this.tint = document.createElement("canvas");
  }

  get curves() {
    return [
      ["data", "data"],
      ["generated", "generated"],
    ];
  }

  draw(ctx, width, height, frame, view, look) {
    const { em, colors } = look;
    const [[left, right], [low, high]] = this.found.window;
    const tall = height - 2.4 * em;
    const wide = Math.min(width - 4.4 * em, tall * this.aspect);
    const start = (width - wide) / 2 + em;
    const bottom = height - 2 * em;
    this.xScale = new Scale(left, right, start, start + wide);
    this.yScale = new Scale(low, high, bottom, bottom - Math.min(tall, wide / this.aspect));
    if (this.found.map) this.#drawMap(ctx, frame, colors);
    drawFrame(ctx, this.xScale, this.yScale, look);
    const { real, x, y } = this.found;
    const points = (i) => [x.at(frame, i), y.at(frame, i)];
    if (!view.hidden.has("data")) {
      this.#dots(ctx, real.length, (i) => [real.at(i, 0), real.at(i, 1)], colors.data, 0.14 * em);
    }
    if (!view.hidden.has("generated")) {
      this.#dots(ctx, x.width, points, colors.generated, 0.19 * em);
    }
  }

  /** The colour of the data where D says real, of G where it says generated. */
  #drawMap(ctx, frame, colors) {
    const { map, ends } = this.found;
    const [, rows, columns] = map.shape;
    const pixels = new ImageData(columns, rows);
    const [fake, real] = [rgb(colors.generated), rgb(colors.data)];
    const values = map.row(frame);
    values.forEach((value, i) => {
      const part = Math.min(1, Math.max(0, (value - ends[0]) / (ends[1] - ends[0] || 1)));
      const place = 4 * ((rows - 1 - Math.floor(i / columns)) * columns + (i % columns));
      const color = part > 0.5 ? real : fake;
      for (let c = 0; c < 3; c += 1) pixels.data[place + c] = color[c];
      pixels.data[place + 3] = Number.isNaN(value) ? 0 : 110 * Math.abs(2 * part - 1);
    });
    [this.tint.width, this.tint.height] = [columns, rows];
    this.tint.getContext("2d").putImageData(pixels, 0, 0);
    const { xScale, yScale } = this;
    ctx.imageSmoothingEnabled = true;
    const [wide, tall] = [xScale.end - xScale.start, yScale.start - yScale.end];
    ctx.drawImage(this.tint, xScale.start, yScale.end, wide, tall);
  }

  #dots(ctx, count, point, color, radius) {
    ctx.fillStyle = color;
    ctx.globalAlpha = 0.75;
    for (let i = 0; i < count; i += 1) {
      const [x, y] = point(i);
      if (Number.isNaN(x + y)) continue;
      ctx.beginPath();
      ctx.arc(this.xScale.at(x), this.yScale.at(y), radius, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
  }

  hover(px, py) {
    const [x, y] = [this.xScale.back(px), this.yScale.back(py)];
    return {
      rows: [
        ["x", "ink", written(x)],
        ["y", "ink", written(y)],
      ],
    };
  }
}

/** Red, green and blue of ``#rrggbb``. */
function rgb(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

function drawFrame(ctx, x, y, { em, colors }) {
  straight(ctx, x.start, y.start, x.end, y.start, colors.muted, 1);
  straight(ctx, x.start, y.start, x.start, y.end, colors.muted, 1);
  const how = { color: colors.ink, em: 0.86 * em };
  write(ctx, written(x.low, 3), x.start, y.start + 0.4 * em, {
    ...how,
    base: "top",
  });
  write(ctx, written(x.high, 3), x.end, y.start + 0.4 * em, {
    ...how,
    base: "top",
    align: "right",
  });
  write(ctx, written(y.low, 3), x.start - 0.4 * em, y.start, {
    ...how,
    align: "right",
  });
  write(ctx, written(y.high, 3), x.start - 0.4 * em, y.end, {
    ...how,
    align: "right",
    base: "top",
  });
}

/** Signals, a row each, beside real ones. */
export class SignalsView {
  constructor(run) {
    this.found = run.signals;
    this.aspect = 1.8;
  }

  get curves() {
    return [...(this.found.real ? [["data", "data"]] : []), ["generated", "generated"]];
  }

  draw(ctx, width, height, frame, view, look) {
    const { em } = look;
    const { real, values } = this.found;
    const [, rows, channels, length] = values.shape;
    const middle = real ? width / 2 : 0;
    const tall = (height - em) / rows;
    const row = values.row(frame);
    for (let i = 0; i < rows; i += 1) {
      const box = {
        left: middle + em,
        right: width - em,
        top: 0.5 * em + i * tall,
        tall,
      };
      if (!view.hidden.has("generated"))
        this.#draw(
          ctx,
          box,
          channels,
          length,
          (c, t) => row[(i * channels + c) * length + t],
          look.colors.generated,
          look,
        );
      if (!real || i >= real.shape[0] || view.hidden.has("data")) continue;
      this.#draw(
        ctx,
        { ...box, left: em, right: middle - em },
        channels,
        length,
        (c, t) => real.at(i, c * length + t),
        look.colors.data,
        look,
      );
    }
  }

  #draw(ctx, { left, right, top, tall }, channels, length, value, color, { line }) {
    const scale = new Scale(...this.found.limits, top + 0.95 * tall, top + 0.05 * tall);
    const across = new Scale(0, length - 1, left, right);
    for (let c = 0; c < Math.min(channels, 3); c += 1) {
      curve(
        ctx,
        length,
        (t) => across.at(t),
        (t) => scale.at(value(c, t)),
        color,
        0.7 * line,
        c ? [3 * line, 2 * line] : [],
      );
    }
  }

  hover() {
    return null;
  }
}
