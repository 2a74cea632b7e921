// From the page's data block to numbers: the counterpart of packing.py.

const MISSING = 65535;

/** A stack of equal rows of numbers. */
export class Rows {
  constructor(data, shape, step = 1) {
    Object.assign(this, { data, shape, step }); // `step` is how far apart their levels are
    this.length = shape[0];
    this.width = shape.slice(1).reduce((product, side) => product * side, 1);
  }

  /** Row `number` as numbers, NaN where there is none; `into` is filled if it is given. */
  row(number, into = new Float64Array(this.width)) {
    const start = number * this.width;
    for (let i = 0; i < this.width; i += 1) into[i] = this.data[start + i];
    return into;
  }

  /** The number of row `number` at place `i`. */
  at(number, i = 0) {
    return this.data[number * this.width + i];
  }
}

/** Rows of levels of a scale, coded; a row is decoded when it is asked for, for that takes little. */
export class CodedRows extends Rows {
  constructor(data, shape, low, step) {
    super(data, shape, step);
    this.low = low;
    this.kept = { number: -1, values: null };
  }

  /** Undo second differences of zigzag numbers, whose low and high bytes stand apart. */
  row(number, into = new Float64Array(this.width)) {
    const { data, width, low, step } = this;
    const high = this.length * width;
    const begin = number * width;
    const each = this.shape[this.shape.length - 1];
    let [value, slope] = [0, 0];
    for (let i = 0; i < width; i += 1) {
      if (i % each === 0) value = slope = 0;
      const zigzag = data[begin + i] | (data[high + begin + i] << 8);
      slope += (zigzag >>> 1) ^ -(zigzag & 1);
      value = (value + slope) & 0xffff;
      into[i] = value === MISSING ? NaN : low + value * step;
    }
    return into;
  }

  at(number, i = 0) {
    if (this.kept.number !== number) this.kept = { number, values: this.row(number) };
    return this.kept.values[i];
  }
}

/** Read the block that the page carries, as base64. */
export async function unpack(text) {
  return parse(await gunzip(fromBase64(text)));
}

/** Read a block of bytes that is gzip, without a pause in which the page would be painted empty. */
export async function gunzip(bytes) {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  const [parts] = await Promise.all([read(stream.readable), writer.write(bytes), writer.close()]);
  const found = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    found.set(part, at);
    at += part.length;
  }
  return found.buffer;
}

async function read(stream) {
  const reader = stream.getReader();
  const parts = [];
  for (let next = await reader.read(); !next.done; next = await reader.read())
    parts.push(next.value);
  return parts;
}

export function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); // in browsers since 2025
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** Read what `Block.compressed` wrote, already unzipped. */
export function parse(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const about = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return withArrays(about, new Uint8Array(buffer, 4 + length));
}

/** The same with an array in place of each description of one. */
function withArrays(value, bytes) {
  if (Array.isArray(value)) return value.map((one) => withArrays(one, bytes));
  if (value === null || typeof value !== "object") return value;
  if ("kind" in value && "shape" in value && "at" in value) return decoded(value, bytes);
  const entries = Object.entries(value).map(([name, one]) => [name, withArrays(one, bytes)]);
  return Object.fromEntries(entries);
}

function decoded({ kind, shape, at, low, step, drop }, bytes) {
  const count = shape.reduce((product, side) => product * side, 1);
  if (kind === "q2") {
    return new CodedRows(bytes.subarray(at, at + 2 * count), shape, low, step);
  }
  if (kind === "u1") return new Rows(summed(bytes, at, count, count / shape[0], drop), shape);
  const size = kind === "f8" ? 8 : 4;
  const own = bytes.slice(at, at + count * size).buffer; // numbers must begin at whole places
  const numbers = kind === "f8" ? new Float64Array(own) : new Float32Array(own);
  return shape.length > 1 ? new Rows(numbers, shape) : numbers;
}

/** Undo differences along the first axis, and spread levels that lost bits over 0 to 255. */
function summed(bytes, at, count, rowLength, drop) {
  const found = bytes.slice(at, at + count);
  for (let i = rowLength; i < count; i += 1) found[i] += found[i - rowLength];
  if (drop) {
    for (let i = 0; i < count; i += 1) found[i] = (found[i] << drop) | (found[i] >> (8 - 2 * drop));
  }
  return found;
}
