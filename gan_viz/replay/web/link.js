// A moment and a way of looking at it, as the part of an address behind the #.

const NUMBERS = ["step", "speed", "bandwidth", "bins", "sample"];
const WORDS = [
  "density",
  "arrows",
  "clock",
  "scales",
  "theme",
  "lang",
  "labels",
  "repeat",
  "group",
];
const LISTS = ["show", "hide"];

/** What a link says; what it does not say, or says wrongly, is left out. */
export function parseLink(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const found = {};
  for (const name of NUMBERS) {
    const value = Number(given.get(name) ?? NaN);
    if (given.get(name) && Number.isFinite(value)) found[name] = value;
  }
  for (const name of WORDS) if (given.get(name)) found[name] = given.get(name);
  for (const name of LISTS) if (given.get(name)) found[name] = given.get(name).split(",");
  const window = (given.get("x") ?? "").split(":").map(Number);
  if (window.length === 2 && window[0] < window[1]) found.x = window;
  const pins = (given.get("pin") ?? "").split(",").filter(Boolean).map(Number);
  if (pins.length && pins.every(Number.isFinite)) found.pin = pins.slice(0, 2);
  return found;
}

/** The link to a moment; empty entries are left out. */
export function formatLink(view) {
  const parts = [];
  for (const name of [...NUMBERS, ...WORDS]) {
    if (view[name] !== undefined && view[name] !== "") parts.push([name, String(view[name])]);
  }
  for (const name of LISTS) if (view[name]?.length) parts.push([name, view[name].join(",")]);
  if (view.x) parts.push(["x", view.x.map((end) => Number(end.toPrecision(6))).join(":")]);
  if (view.pin?.length) parts.push(["pin", view.pin.join(",")]);
  const encoded = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `#${encoded.join("&").replace(/%2C/g, ",").replace(/%3A/g, ":")}`;
}
