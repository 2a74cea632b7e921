// What all views draw with: scales, axes and curves, on a canvas or into an SVG.

import { ticks, written } from "./numbers.js";

/** Maps numbers from `low` to `high` to pixels from `start` to `end`. */
export class Scale {
  constructor(low, high, start, end) {
    Object.assign(this, { low, high, start, end });
    this.factor = (end - start) / (high - low || 1);
  }

  at(value) {
    return this.start + (value - this.low) * this.factor;
  }

  back(pixel) {
    return this.low + (pixel - this.start) / this.factor;
  }
}

/** Do something within a rectangle alone. */
export function clipped(ctx, box, draw) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  ctx.clip();
  draw();
  ctx.restore();
}

const NEAR = 0.05; // pixels, about, that a curve may be off where points are left out

/**
 * Go along points from side to side; NaN interrupts. Points are within a few pictures' heights of
 * the picture. Those that a straight line passes nearer than `NEAR` are left out: a line may end at
 * a point if its slope is one of those that pass all since its beginning so near.
 */
export function trace(ctx, count, x, y, open = "moveTo") {
  let fromX = 0;
  let fromY = 0;
  let toX = 0;
  let toY = 0;
  let least = -Infinity;
  let most = Infinity;
  let drawing = false;
  let waiting = false;
  for (let i = 0; i < count; i += 1) {
    const right = x(i);
    const height = y(i);
    let slope = (height - fromY) / (right - fromX);
    if (waiting && !(slope >= least && slope <= most)) {
      ctx.lineTo(toX, toY);
      fromX = toX;
      fromY = toY;
      least = -Infinity;
      most = Infinity;
      slope = (height - fromY) / (right - fromX);
    }
    waiting = false;
    if (Number.isNaN(height)) drawing = false;
    else if (drawing) {
      const wide = Math.abs((NEAR * Math.sqrt(1 + slope * slope)) / (right - fromX)); // at right angles
      least = Math.max(least, slope - wide);
      most = Math.min(most, slope + wide);
      toX = right;
      toY = height;
      waiting = true;
    } else {
      ctx[open](right, height);
      fromX = right;
      fromY = height;
      least = -Infinity;
      most = Infinity;
      drawing = true;
    }
  }
  if (waiting) ctx.lineTo(toX, toY);
}

export function curve(ctx, count, x, y, color, width, dash = []) {
  ctx.beginPath();
  trace(ctx, count, x, y);
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Tint between a curve and another over the same x, or a level; where there is NaN there is a gap. */
export function area(ctx, count, x, upper, lower, color, opacity) {
  const level = typeof lower === "number";
  const isGap = level ? (i) => Number.isNaN(upper(i)) : (i) => Number.isNaN(upper(i) + lower(i));
  ctx.globalAlpha = opacity;
  ctx.fillStyle = color;
  let start = 0;
  while (start < count) {
    while (start < count && isGap(start)) start += 1;
    let end = start;
    while (end < count && !isGap(end)) end += 1;
    if (end > start) {
      const [first, last] = [start, end - 1];
      ctx.beginPath();
      trace(
        ctx,
        end - start,
        (i) => x(first + i),
        (i) => upper(first + i),
      );
      if (level) {
        ctx.lineTo(x(last), lower);
        ctx.lineTo(x(first), lower);
      } else
        trace(
          ctx,
          end - start,
          (i) => x(last - i),
          (i) => lower(last - i),
          "lineTo",
        );
      ctx.closePath();
      ctx.fill();
    }
    start = end;
  }
  ctx.globalAlpha = 1;
}

export function straight(ctx, x0, y0, x1, y1, color, width = 1, dash = []) {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}

export function write(
  ctx,
  text,
  x,
  y,
  { color, em, align = "left", base = "alphabetic", bold = false },
) {
  ctx.font = `${bold ? "600 " : ""}${em}px ${ctx.family ?? "sans-serif"}`;
  ctx.textAlign = align;
  ctx.textBaseline = base;
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
}

/** A few numbers below an axis, and its name before them. */
export function drawBelow(ctx, scale, y, name, look, count = 7) {
  const { em, colors } = look;
  straight(ctx, scale.start, y, scale.end, y, colors.muted, 1);
  const room = Math.max(2, Math.min(count, Math.abs(scale.end - scale.start) / (4 * em)));
  for (const value of ticks(scale.low, scale.high, room)) {
    const x = scale.at(value);
    straight(ctx, x, y, x, y + 0.3 * em, colors.muted, 1);
    write(ctx, written(value, 6), x, y + 0.4 * em, {
      color: colors.ink,
      em: 0.86 * em,
      align: "center",
      base: "top",
    });
  }
  const below = name.length > 2;
  const place = below
    ? [(scale.start + scale.end) / 2, y + 1.45 * em]
    : [scale.start - 0.9 * em, y + 0.4 * em];
  const look2 = {
    color: colors.ink,
    em: 0.86 * em,
    align: below ? "center" : "right",
    base: "top",
  };
  write(ctx, name, ...place, look2);
}

/** A few numbers at the left of an axis, or at the right. */
export function drawBeside(ctx, marks, x, look, color, side = "left") {
  const { em, colors } = look;
  const away = side === "left" ? -1 : 1;
  for (const [y, text] of marks) {
    straight(ctx, x, y, x + away * 0.3 * em, y, colors.muted, 1);
    const how = {
      color,
      em: 0.86 * em,
      align: side === "left" ? "right" : "left",
      base: "middle",
    };
    write(ctx, text, x + away * 0.45 * em, y, how);
  }
}

/** An arrow with a head. */
export function arrow(ctx, x0, y0, x1, y1, color, width, head) {
  straight(ctx, x0, y0, x1, y1, color, width);
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1) return;
  const [dx, dy] = [((x1 - x0) / length) * head, ((y1 - y0) / length) * head];
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x1 - dx - 0.4 * dy, y1 - dy + 0.4 * dx);
  ctx.lineTo(x1 - dx + 0.4 * dy, y1 - dy - 0.4 * dx);
  ctx.closePath();
  ctx.fillStyle = color;
  ctx.fill();
}
