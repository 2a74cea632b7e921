// Frames that a recording got since its page was made: the counterpart of growing.py.

import { CodedRows, Rows } from "./unpack.js";

const FRAMES_A_SECOND = 20; // of a clip of one frame, which has no pace of its own

/** Append frames to what a page knows of its run; they go on at the clip's usual pace. */
export function append(data, { runs: [more] }) {
  const [run] = data.runs;
  const number = more.steps.length;
  join(run, more);
  data.steps = run.steps;
  data.clock = goneOn(data.clock, number);
  for (const { lines } of run.groups) for (const line of lines) lengthen(line, more.steps);
  run.status.of.push(...Array(number).fill(run.status.of.at(-1) ?? 0));
}

/** Append each array of `more` to the one of the same name. */
function join(known, more) {
  for (const [name, value] of Object.entries(more)) {
    const old = known[name];
    if (value instanceof Rows) known[name] = joinedRows(old, value);
    else if (ArrayBuffer.isView(value)) known[name] = joinedNumbers(old, value);
    else if (name === "turns") known[name] = old + value;
    else if (Array.isArray(value) && typeof value[0] === "object")
      value.forEach((one, i) => join(old[i], one));
    else if (value !== null && typeof value === "object") join(old, value);
  }
}

function joinedNumbers(old, more) {
  const all = new old.constructor(old.length + more.length);
  all.set(old);
  all.set(more, old.length);
  return all;
}

/** Two stacks as one; coded ones become plain numbers, for what is new is on no scale. */
function joinedRows(old, more) {
  const shape = [old.shape[0] + more.shape[0], ...old.shape.slice(1)];
  const coded = [old, more].some((one) => one instanceof CodedRows);
  const [known, fresh] = coded ? [numbersOf(old), numbersOf(more)] : [old.data, more.data];
  return new Rows(joinedNumbers(known, fresh), shape, old.step);
}

function numbersOf(rows) {
  const found = new Float32Array(rows.length * rows.width);
  for (let i = 0; i < rows.length; i += 1) found.set(rows.row(i), i * rows.width);
  return found;
}

/** Seconds of so many more frames. */
function goneOn(clock, number) {
  const last = clock[clock.length - 1];
  const pace = last > 0 ? last / (clock.length - 1) : 1 / FRAMES_A_SECOND;
  return joinedNumbers(
    clock,
    Float64Array.from({ length: number }, (_, i) => last + (i + 1) * pace),
  );
}

/** Draw a curve on to its values at new frames, which are not smoothed. */
function lengthen(line, steps) {
  const values = line.at.slice(line.at.length - steps.length);
  const from = line.steps.length ? line.steps[line.steps.length - 1] : -Infinity;
  const fresh = [...steps.keys()].filter((i) => steps[i] > from);
  const taken = (numbers) => Float64Array.from(fresh, (i) => numbers[i]);
  line.steps = joinedNumbers(line.steps, taken(steps));
  line.values = joinedNumbers(line.values, taken(values));
  const none = taken(Array(steps.length).fill(NaN));
  if (line.band) line.band = line.band.map((edge) => joinedNumbers(edge, none));
}
