// A moment and a way of looking at it, as the part of an address behind the #.

const NUMBERS = {
  step: [0, Infinity],
  speed: [1 / 16, 16],
  bandwidth: [0.01, 100],
  bins: [1, 400],
  sample: [-1, 1e6],
};
const ONE_OF = {
  density: ["recorded", "kde", "histogram"],
  arrows: ["none", "map", "gradient"],
  clock: ["clip", "frames", "linear", "log"],
  scales: ["shared", "own"],
  labels: ["words", "symbols", "both"],
  repeat: ["once", "loop", "boomerang"],
};
const WORDS = ["theme", "lang", "group"];
const LISTS = ["show", "hide"];

/** What a link says; what it does not say, or says wrongly, is left out. */
export function parseLink(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const found = {};
  for (const [name, [least, most]] of Object.entries(NUMBERS)) {
    const value = given.get(name) ? Number(given.get(name)) : NaN;
    if (value >= least && value <= most) found[name] = value;
  }
  for (const [name, known] of Object.entries(ONE_OF)) {
    if (known.includes(given.get(name))) found[name] = given.get(name);
  }
  for (const name of WORDS) if (given.get(name)) found[name] = given.get(name);
  for (const name of LISTS) if (given.get(name)) found[name] = given.get(name).split(",");
  const ends = numbersIn(given.get("x"), ":");
  if (ends.length === 2 && ends[0] < ends[1]) found.x = ends;
  const pins = numbersIn(given.get("pin"), ",");
  if (pins.length) found.pin = pins.slice(0, 2);
  return found;
}

/** Numbers with a letter between them; none if any of them is no number. */
function numbersIn(text, between) {
  const numbers = (text ?? "").split(between).filter(Boolean).map(Number);
  return numbers.every(Number.isFinite) ? numbers : [];
}

/** The link to a moment; empty entries are left out. */
export function formatLink(view) {
  const parts = [];
  for (const name of [...Object.keys(NUMBERS), ...Object.keys(ONE_OF), ...WORDS]) {
    if (view[name] !== undefined && view[name] !== "") parts.push([name, String(view[name])]);
  }
  for (const name of LISTS) if (view[name]?.length) parts.push([name, view[name].join(",")]);
  if (view.x) parts.push(["x", view.x.map((end) => Number(end.toPrecision(6))).join(":")]);
  if (view.pin?.length) parts.push(["pin", view.pin.join(",")]);
  const encoded = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `#${encoded.join("&").replace(/%2C/g, ",").replace(/%3A/g, ":")}`;
}
