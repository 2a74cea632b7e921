// Searching, writing and estimating: what needs no page.

/** Index of the last of ascending numbers that is at most `value`; 0 where there is none. */
export function lastUpTo(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Index of the nearest of ascending numbers. */
export function nearest(numbers, value) {
  const left = lastUpTo(numbers, value);
  const right = Math.min(left + 1, numbers.length - 1);
  return Math.abs(numbers[right] - value) < Math.abs(numbers[left] - value) ? right : left;
}

/** Linear interpolation between ascending places, constant beyond them. */
export function interpolated(at, places, values) {
  const left = lastUpTo(places, at);
  const right = Math.min(left + 1, places.length - 1);
  const gap = places[right] - places[left];
  const part = gap > 0 ? Math.min(1, Math.max(0, (at - places[left]) / gap)) : 0;
  return values[left] + part * (values[right] - values[left]);
}

/** Round numbers from `low` to `high`, about `count` of them. */
export function ticks(low, high, count) {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((one) => one * power >= raw * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** A number with some significant digits and a true minus sign. */
export function written(value, digits = 3) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const far = size !== 0 && (size >= 1e6 || size < 1e-4);
  const text = far ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
  return text.replace(/-/g, "−");
}

/** A number from a scale of levels `step` apart: with no more decimals than it has. */
export function fromLevels(value, step, digits = 4) {
  if (!Number.isFinite(value)) return written(value);
  const decimals = Math.max(0, Math.min(12, Math.floor(-Math.log10(2 * step))));
  const size = Math.floor(Math.log10(Math.abs(value) || 1));
  return value.toFixed(Math.min(decimals, Math.max(0, digits - 1 - size))).replace("-", "−");
}

/** A whole number with commas; the browser's own way takes long when it is first asked. */
export function grouped(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Gaussian kernel estimate on an even grid, as gan_viz.analysis.density.kernel_density. */
export function kernelDensity(samples, low, high, points, width) {
  const found = new Float64Array(points);
  const step = (high - low) / (points - 1);
  const cells = Math.max(width / step, 1);
  const reach = Math.ceil(6 * cells);
  const finite = samples.filter((one) => Number.isFinite(one));
  const kernel = Float64Array.from({ length: reach + 1 }, (_, i) =>
    Math.exp(-0.5 * (i / cells) ** 2),
  );
  const height = 1 / (finite.length * step * cells * Math.sqrt(2 * Math.PI));
  const add = (cell, mass) => {
    const from = Math.max(0, cell - reach);
    const to = Math.min(points - 1, cell + reach);
    for (let i = from; i <= to; i += 1) found[i] += mass * kernel[Math.abs(i - cell)];
  };
  for (const [cell, mass] of binned(finite, low, step)) add(cell, mass * height);
  return found;
}

/** Divide each sample between its two nearest cells, in proportion to nearness. */
function binned(samples, low, step) {
  const masses = new Map();
  const put = (cell, mass) => masses.set(cell, (masses.get(cell) ?? 0) + mass);
  for (const one of samples) {
    const place = (one - low) / step;
    const left = Math.floor(place);
    put(left, 1 - (place - left));
    put(left + 1, place - left);
  }
  return masses;
}

/** Heights of `bins` equal bins over the cells of an even grid, at each of its points. */
export function histogram(samples, low, high, points, bins) {
  const half = (high - low) / (points - 1) / 2;
  const width = (high - low + 2 * half) / bins;
  const finite = samples.filter((one) => Number.isFinite(one));
  const heights = new Float64Array(bins);
  for (const one of finite) {
    const bin = one === high + half ? bins - 1 : Math.floor((one - low + half) / width);
    if (bin >= 0 && bin < bins) heights[bin] += 1 / (finite.length * width);
  }
  return Float64Array.from({ length: points }, (_, i) => {
    const bin = Math.floor((half + (i * (high - low)) / (points - 1)) / width);
    return heights[Math.min(bin, bins - 1)];
  });
}

/** Parts of ``*italic*``, ``_low_`` and ``^high^`` as [text, tag] pairs. */
export function lettered(text) {
  const marks = { "*": "i", _: "sub", "^": "sup" };
  const parts = [];
  const form = /\*([^*]+)\*|_([^_]+)_|\^([^^]+)\^|([^*_^]+|.)/gu;
  for (const [whole, italic, low, high] of text.matchAll(form)) {
    const inside = italic ?? low ?? high;
    parts.push(inside === undefined ? [whole, ""] : [inside, marks[whole[0]]]);
  }
  return parts;
}

/** A text without those marks. */
export function plain(text) {
  return lettered(text)
    .map(([part]) => part)
    .join("");
}

/** Set p_g and p_data in a text as they are set elsewhere. */
export function withLetters(text) {
  return text.replace(/\bp_(g|data)\b/g, "*p*_$1_");
}
