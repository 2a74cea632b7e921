// From the page's data block to numbers: the counterpart of packing.py.

const MISSING = 65535;

/** A stack of equal rows of numbers; quantised ones stay so until a row is asked for. */
export class Rows {
  constructor(data, shape, low = 0, step = 1, quantised = false) {
    Object.assign(this, { data, shape, low, step, quantised });
    this.length = shape[0];
    this.width = shape.slice(1).reduce((product, side) => product * side, 1);
  }

  /** Row `number` as numbers, NaN where there is none; `into` is filled if it is given. */
  row(number, into = new Float64Array(this.width)) {
    const { data, width, low, step } = this;
    const start = number * width;
    for (let i = 0; i < width; i += 1) {
      const level = data[start + i];
      into[i] = this.quantised ? (level === MISSING ? NaN : low + level * step) : level;
    }
    return into;
  }

  /** The number of row `number` at place `i`. */
  at(number, i = 0) {
    const level = this.data[number * this.width + i];
    return this.quantised ? (level === MISSING ? NaN : this.low + level * this.step) : level;
  }
}

/** Read the block that the page carries, as base64. */
export async function unpack(text) {
  return parse(await gunzip(fromBase64(text)));
}

/** Read a block of bytes that is gzip. */
export async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

export function fromBase64(text) {
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
    const rowLength = shape[shape.length - 1];
    return new Rows(levels(bytes, at, count, rowLength), shape, low, step, true);
  }
  if (kind === "u1") return new Rows(summed(bytes, at, count, count / shape[0], drop), shape);
  const size = kind === "f8" ? 8 : 4;
  const own = bytes.slice(at, at + count * size).buffer; // numbers must begin at whole places
  const numbers = kind === "f8" ? new Float64Array(own) : new Float32Array(own);
  return shape.length > 1 ? new Rows(numbers, shape) : numbers;
}

/** Undo second differences of zigzag numbers, whose low and high bytes stand apart. */
function levels(bytes, at, count, rowLength) {
  const found = new Uint16Array(count);
  for (let start = 0; start < count; start += rowLength) {
    let value = 0;
    let slope = 0;
    for (let i = start; i < start + rowLength; i += 1) {
      const zigzag = bytes[at + i] | (bytes[at + count + i] << 8);
      slope += (zigzag >>> 1) ^ -(zigzag & 1);
      value = (value + slope) & 0xffff;
      found[i] = value;
    }
  }
  return found;
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
