// The axes of densities and of D.

import { ticks, written } from "./numbers.js";
import { drawBelow, drawBeside, straight, write } from "./plot.js";

/** Draw the axes of a picture of densities. */
export function drawAxes(picture, ctx, view, look) {
  const { box, xScale, yScale, dScale } = picture;
  const { em, colors, say } = look;
  const { d, name } = picture.run.density;
  drawBelow(ctx, xScale, picture.arrows(view) ? yScale.at(0) : box.bottom, name, look);
  straight(ctx, box.left, yScale.at(0), box.left, box.top, colors.muted, 1);
  const heights = ticks(0, yScale.high, Math.max(2, (yScale.start - yScale.end) / (2.6 * em)));
  drawBeside(
    ctx,
    heights.map((one) => [yScale.at(one), written(one, 6)]),
    box.left,
    look,
    colors.ink,
  );
  const titled = { em: 0.86 * em, base: "bottom" };
  if (!look.bare)
    write(ctx, say("density"), 0.4 * em, box.top - 0.6 * em, {
      ...titled,
      color: colors.ink,
    });
  if (!d || d.common) return;
  const marks = d.critic
    ? ticks(...d.limits, 5).map((one) => [one, written(one, 4)])
    : [
        [0, "0"],
        [0.5, "1/2"],
        [1, "1"],
      ];
  const inside = marks.filter(([one]) => dScale.at(one) >= box.top - 1);
  straight(ctx, box.right, yScale.at(0), box.right, box.top, colors.muted, 1);
  straight(
    ctx,
    box.left,
    dScale.at(d.critic ? 0 : 0.5),
    box.right,
    dScale.at(d.critic ? 0 : 0.5),
    colors.faint,
    1,
  );
  drawBeside(
    ctx,
    inside.map(([one, text]) => [dScale.at(one), text]),
    box.right,
    look,
    colors.discriminator,
    "right",
  );
  const scale = d.critic ? (d.centered ? "critic − mean" : "critic") : "D(x)";
  if (look.bare) return;
  const place = box.right + 2.6 * em;
  write(ctx, scale, place, box.top - 0.6 * em, {
    ...titled,
    align: "right",
    color: colors.discriminator,
  });
}
