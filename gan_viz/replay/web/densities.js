// What is known of the densities of a run at each frame.

import { grouped, histogram, kernelDensity, written } from "./numbers.js";

/** What is known of a run's densities at each frame. */
export class Densities {
  constructor(found) {
    this.found = found;
    this.points = found.points;
    this.x = (i) => found.x[0] + (i * (found.x[1] - found.x[0])) / (found.points - 1);
    this.rows = {};
    this.kept = { key: "", values: null };
  }

  /** p_g at a frame: as recorded, or made here of G's outputs. */
  generated(frame, view) {
    const way = view.density;
    if (way !== "kde" && way !== "histogram")
      return this.#row("g", this.found.generated.density, frame);
    const key = [frame, way, view.bandwidth, view.bins].join(" ");
    if (this.kept.key !== key) this.kept = { key, values: this.#estimated(frame, view) };
    return this.kept.values;
  }

  #estimated(frame, { density, bandwidth, bins }) {
    const { outputs, scott, x } = this.found;
    const samples = outputs.row(frame);
    if (density === "histogram") return histogram(samples, ...x, this.points, bins);
    return kernelDensity(samples, ...x, this.points, bandwidth * scott[frame]);
  }

  d(frame) {
    return this.found.d ? this.#row("d", this.found.d.values, frame) : null;
  }

  best(frame) {
    return this.found.d?.best ? this.#row("best", this.found.d.best, frame) : null;
  }

  /** p_data at a point of the grid. */
  data(i) {
    return this.found.data ? this.found.data.density[i * this.found.data.fine] : NaN;
  }

  #row(name, rows, frame) {
    const kept = (this.rows[name] ??= {
      frame: -1,
      values: new Float64Array(rows.width),
    });
    if (kept.frame !== frame) rows.row((kept.frame = frame), kept.values);
    return kept.values;
  }
}

/** What the density of G is called where it is an estimate. */
export function certainty(found, view, say) {
  const { rule, estimate } = found.generated;
  if (view.density === "histogram") return ` (${say("estimate")}, ${grouped(view.bins)})`;
  if (view.density === "kde") return ` (${say("estimate")}, ${written(view.bandwidth, 3)} × Scott)`;
  return estimate ? ` (${[say("estimate"), rule].filter(Boolean).join(", ")})` : "";
}
