// Arrows of Figure 1, from z to G(z), and those along the gradient of the loss of G.

import { Scale, arrow, clipped } from "./plot.js";

export const DEPTH = 0.66; // of the z axis below the x axis, relative to the height of the densities

/** Where the axis of z is. */
export function bottomOfArrows(picture, { em }) {
  return picture.yScale.at(-DEPTH * picture.yScale.high) - 1.6 * em;
}

/** Arrows from z to G(z), and those along which the loss of G pushes its samples. */
export function drawArrows(picture, ctx, frame, view, look) {
  const { arrows } = picture.run.density;
  const { colors, em, line } = look;
  const bottom = bottomOfArrows(picture, look);
  const zScale = new Scale(...arrows.ends, picture.box.left, picture.box.right);
  const tips = arrows.tips.row(frame);
  const under = picture.yScale.at(0) + 1.7 * em;
  clipped(ctx, { ...picture.box, top: under - 1, bottom }, () => {
    arrows.z.forEach((z, i) => {
      if (!Number.isNaN(tips[i]))
        arrow(
          ctx,
          zScale.at(z),
          bottom,
          picture.xScale.at(tips[i]),
          under,
          colors.generated,
          0.4 * line,
          0.55 * em,
        );
    });
  });
  if (view.arrows !== "gradient" || !arrows.reach) return;
  const reach = arrows.reach.row(frame);
  const { points, found } = picture.known;
  const density = picture.known.generated(frame, view);
  const step = (found.x[1] - found.x[0]) / (points - 1);
  clipped(ctx, { ...picture.box, bottom: picture.yScale.at(0) }, () => {
    tips.forEach((tip, i) => {
      const near =
        density[Math.min(points - 1, Math.max(0, Math.round((tip - found.x[0]) / step)))];
      const y = picture.yScale.at(
        Math.min(0.97, Math.max(0.03, near / picture.yScale.high)) * picture.yScale.high,
      );
      const [from, to] = [picture.xScale.at(tip), picture.xScale.at(tip + reach[i])];
      if (!Number.isNaN(from + to))
        arrow(ctx, from, y, to, y, colors.discriminator, 0.6 * line, 0.5 * em);
    });
  });
}
