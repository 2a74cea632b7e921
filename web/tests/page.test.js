// Unit tests of what needs no page; each compares with a definition written another way.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { test } from "node:test";

import { Clock, secondsOf } from "../../gan_viz/replay/web/clock.js";
import { append } from "../../gan_viz/replay/web/growing.js";
import { formatLink, parseLink } from "../../gan_viz/replay/web/link.js";
import {
  fromLevels,
  histogram,
  interpolated,
  kernelDensity,
  lastUpTo,
  lettered,
  nearest,
  ticks,
  written,
} from "../../gan_viz/replay/web/numbers.js";
import { arrangement, bestColumns } from "../../gan_viz/replay/web/pictures.js";
import { cell } from "../../gan_viz/replay/web/saving.js";
import { trace } from "../../gan_viz/replay/web/plot.js";
import { SvgSurface } from "../../gan_viz/replay/web/surface.js";
import { CodedRows, Rows, unpack } from "../../gan_viz/replay/web/unpack.js";
import { PAGE_WORDS } from "../../gan_viz/replay/web/words.js";

function near(one, other, error) {
  assert.ok(Math.abs(one - other) <= error, `${one} is not ${other} to ${error}`);
}

/** Rows of levels as packing.py codes them: second differences, zigzag, low bytes, high bytes. */
function coded(rows) {
  const zigzag = rows.flatMap((row) =>
    row.map((level, i) => {
      const signed = ((level - 2 * (row[i - 1] ?? 0) + (row[i - 2] ?? 0)) << 16) >> 16;
      return ((signed << 1) ^ (signed >> 31)) & 0xffff;
    }),
  );
  return [...zigzag.map((one) => one & 255), ...zigzag.map((one) => one >> 8)];
}

test("searching ascending numbers", () => {
  const numbers = [0, 10, 20];
  assert.deepEqual(
    [-1, 0, 9, 10, 25].map((one) => lastUpTo(numbers, one)),
    [0, 0, 0, 1, 2],
  );
  assert.deepEqual(
    [-1, 4, 6, 99].map((one) => nearest(numbers, one)),
    [0, 0, 1, 2],
  );
  assert.equal(interpolated(12, numbers, [0, 1, 3]), 1.4);
  assert.equal(interpolated(99, numbers, [0, 1, 3]), 3);
});

test("numbers as they are written", () => {
  assert.equal(written(-0.012345), "−0.0123");
  assert.equal(written(NaN), "–");
  assert.equal(written(1234567), "1.23e+6");
  assert.equal(fromLevels(0.123456, 1e-4), "0.123");
  assert.deepEqual(
    ticks(0, 1, 5).map((one) => Number(one.toFixed(9))),
    [0, 0.2, 0.4, 0.6, 0.8, 1],
  );
});

test("kernels are the sum of Gaussians", () => {
  const samples = [-1.03, 0.4, 0.41, 2.5, NaN];
  const [low, high, points, width] = [-4, 4, 401, 0.3];
  const found = kernelDensity(samples, low, high, points, width);
  const finite = samples.filter((one) => !Number.isNaN(one));
  for (let i = 0; i < points; i += 7) {
    const x = low + (i * (high - low)) / (points - 1);
    const sum = finite.reduce((all, one) => all + Math.exp(-0.5 * ((x - one) / width) ** 2), 0);
    near(found[i], sum / (finite.length * width * Math.sqrt(2 * Math.PI)), 2e-4);
  }
});

test("bars hold the share of the samples", () => {
  const found = histogram([0.1, 0.1, 0.9, 5], 0, 1, 101, 4);
  const width = 1.01 / 4;
  near(found[10], 2 / 4 / width, 1e-12);
  near(found[40], 0, 1e-12);
  near(found[90], 1 / 4 / width, 1e-12);
});

test("a link says again what it was made of", () => {
  const view = { step: 840, show: ["dstar"], hide: ["data"], x: [-2, 2.5], pin: [100, 400] };
  const text = formatLink({ ...view, density: "kde", lang: undefined, theme: "" });
  assert.equal(text, "#step=840&density=kde&show=dstar&hide=data&x=-2:2.5&pin=100,400");
  assert.deepEqual(parseLink(text), { ...view, density: "kde" });
  const wrong =
    "#step=x&x=3:1&pin=a&nothing=1&__proto__=1&bins=1e9&speed=-1&density=no&bandwidth=0";
  assert.deepEqual(parseLink(wrong), {});
});

test("a clock goes on, turns, and stops", () => {
  const clock = new Clock(Float64Array.of(0, 1, 2), 0.5, "once");
  clock.play();
  clock.advance(1.2);
  assert.equal(clock.frame, 1);
  clock.advance(2);
  assert.deepEqual([clock.frame, clock.playing], [2, false]);
  clock.repeat = "boomerang";
  clock.play();
  assert.equal(clock.time, 0);
  clock.advance(2.6);
  clock.advance(0.7);
  near(clock.time, 1.3, 1e-9);
  clock.advance(5);
  assert.deepEqual([clock.time, clock.direction, clock.playing], [0, 1, true]);
  clock.repeat = "loop";
  clock.speed = 2;
  clock.advance(1);
  assert.equal(clock.frame, 2);
  clock.advance(0.3);
  assert.equal(clock.time, 0);
});

test("a clock plays as often as it is to", () => {
  const clock = new Clock(Float64Array.of(0, 1), 0, "loop", 2);
  clock.play();
  clock.advance(1.1);
  assert.equal(clock.playing, true);
  clock.advance(1.1);
  assert.deepEqual([clock.playing, clock.time], [false, 1]);
});

test("times begin at 0, end together and never go back", () => {
  const steps = [0, 10, 100, 1000];
  for (const way of ["clip", "frames", "linear", "log"]) {
    const seconds = secondsOf(way, steps, Float64Array.of(0, 2, 3, 4));
    assert.deepEqual([seconds[0], seconds[3]], [0, 4]);
    assert.ok(seconds.every((one, i) => i === 0 || one >= seconds[i - 1]));
  }
  assert.deepEqual([...secondsOf("linear", [5], Float64Array.of(0))], [0]);
});

test("marks become letters of their kind, and unknown ones stay", () => {
  assert.deepEqual(lettered("*p*_data_ a^2^"), [
    ["p", "i"],
    ["data", "sub"],
    [" a", ""],
    ["2", "sup"],
  ]);
  assert.deepEqual(lettered("2 * 3"), [
    ["2 ", ""],
    ["*", ""],
    [" 3", ""],
  ]);
});

test("pictures fill their room", () => {
  assert.equal(bestColumns(64, 800, 800, 1), 8);
  assert.equal(bestColumns(4, 1000, 100, 1), 4);
  const order = arrangement(4, [1, 0, 1, 1], 100, 100, 1);
  assert.deepEqual(order.classes, [0, 1]);
  assert.deepEqual(order.places, [
    [1, 0, 0],
    [0, 1, 0],
    [2, 1, 1],
  ]);
});

test("cells of a table are numbers and texts, never formulas", () => {
  assert.equal(cell(0.1 + 0.2), "0.3");
  assert.equal(cell(NaN), "");
  assert.equal(cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
  assert.equal(cell('a,"b"'), '"a,""b"""');
});

test("texts of a drawing are escaped", () => {
  const surface = new SvgSurface(10, 10, '"><script>');
  surface.fillText("</text><script>alert(1)</script>&", 0, 0);
  const text = surface.text();
  assert.ok(!text.includes("<script"));
  assert.ok(text.includes("&lt;script&gt;alert(1)&lt;/script&gt;&amp;"));
});

test("what is unpacked are the numbers that were packed", async () => {
  const about = {
    a: { kind: "q2", shape: [2, 3], at: 0, low: 1, step: 0.5 },
    b: { kind: "f4", shape: [2], at: 12 },
    c: { kind: "u1", shape: [2, 2], at: 20, drop: 2 },
    text: "</script>",
  };
  const bytes = coded([
    [0, 1, 65535],
    [9, 9, 9],
  ]);
  bytes.push(...new Uint8Array(Float32Array.of(1.5, NaN).buffer), 1, 63, 255, 193);
  const json = Buffer.from(JSON.stringify(about));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(json.length);
  const whole = gzipSync(Buffer.concat([head, json, Buffer.from(bytes)]));
  const found = await unpack(whole.toString("base64"));
  assert.deepEqual([...found.a.row(0)], [1, 1.5, NaN]);
  assert.deepEqual([...found.a.row(1)], [5.5, 5.5, 5.5]);
  assert.deepEqual([found.a.at(0, 1), found.a.at(1), found.a.at(0, 2)], [1.5, 5.5, NaN]);
  assert.deepEqual([...found.b], [1.5, NaN]);
  assert.deepEqual([...found.c.row(0)], [4, 255]);
  assert.deepEqual([...found.c.row(1)], [0, 0]);
  assert.equal(found.text, "</script>");
});

test("each curve of a stack of several in a row is decoded by itself", () => {
  const levels = [
    [5, 7],
    [1, 65535],
    [3, 4],
    [65534, 0],
  ];
  const rows = new CodedRows(Uint8Array.from(coded(levels)), [2, 2, 2], 0, 2);
  assert.deepEqual([...rows.row(0)], [10, 14, 2, NaN]);
  assert.deepEqual([...rows.row(1)], [6, 8, 131068, 0]);
});

test("a curve passes all its points, and needs few of them", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const shapes = {
    bump: [(i) => 300 - 280 * Math.exp(-(((i - 200) / 30) ** 2)), 80],
    flat: [() => 7, 2],
    noise: [() => 300 * random(), 401],
    gap: [(i) => (i > 100 && i < 110 ? NaN : 20 * Math.sin(i / 40)), 90],
    jump: [(i) => (i < 200 ? 0 : 300), 4],
    high: [(i) => (i === 9 ? 1e4 : 0), 5],
  };
  for (const [name, [y, most]] of Object.entries(shapes)) {
    for (const across of [(i) => 0.8 * i + 0.3, (i) => 400 - i]) {
      const heights = Array.from({ length: 401 }, (_, i) => y(i));
      const lines = [];
      const ctx = {
        moveTo: (...point) => lines.push([point]),
        lineTo: (...point) => lines.at(-1).push(point),
      };
      trace(ctx, 401, across, (i) => heights[i]);
      assert.ok(lines.flat().length <= most, `${name}: ${lines.flat().length}`);
      assert.equal(lines.length, name === "gap" ? 2 : 1);
      for (const [i, height] of heights.entries()) {
        const x = across(i);
        const parts = lines.flatMap((line) => line.slice(1).map((end, k) => [line[k], end]));
        const over = parts.filter(([[a], [b]]) => Math.min(a, b) <= x && x <= Math.max(a, b));
        assert.equal(over.length > 0, !Number.isNaN(height));
        const off = over.map(([[a, p], [b, q]]) => {
          const slope = (q - p) / (b - a);
          return Math.abs(p + (x - a) * slope - height) / Math.hypot(1, slope);
        });
        if (over.length) assert.ok(Math.min(...off) <= 0.06, `${name} ${i}: ${off}`);
      }
    }
  }
});

test("all languages say the same things", () => {
  for (const [language, words] of Object.entries(PAGE_WORDS)) {
    assert.deepEqual(Object.keys(words), Object.keys(PAGE_WORDS.en), language);
    assert.ok(Object.values(words).every(Boolean), language);
  }
});

test("frames that are appended are those of a page of all", () => {
  const levels = [
    [2, 4],
    [6, 8],
    [10, 12],
    [14, 65535],
  ];
  const numbers = (level) => (level === 65535 ? NaN : 1 + level / 2);
  const outputs = (rows, exact) =>
    exact
      ? new Rows(Float32Array.from(rows.flat(), numbers), [rows.length, 2])
      : new CodedRows(Uint8Array.from(coded(rows)), [rows.length, 2], 1, 0.5);
  const page = (from, to, exact) => ({
    runs: [
      {
        steps: Float64Array.from([0, 10, 20, 40].slice(from, to)),
        density: {
          turns: "dgdg".slice(from, to),
          outputs: outputs(levels.slice(from, to), exact),
        },
        grid: { images: new Rows(Uint8Array.of(1, 2, 3, 4).slice(from, to), [to - from, 1]) },
        groups: [{ key: "losses", lines: [line(from, to)] }],
      },
    ],
  });
  const line = (from, to) => ({ key: "g_loss", at: Float32Array.of(3, 2, 1, 0).slice(from, to) });
  for (const exact of [false, true]) {
    const data = page(0, 2, exact);
    const [run] = data.runs;
    run.status = { texts: [["", ""]], of: [0, 0] };
    Object.assign(run.groups[0].lines[0], {
      steps: Float64Array.of(0, 5, 30),
      values: Float32Array.of(3, 2, 2),
      band: [Float32Array.of(3, 2, 2), Float32Array.of(3, 2, 2)],
    });
    data.clock = Float64Array.of(0, 0.25);
    append(data, page(2, 3, true));
    append(data, page(3, 4, true));
    const all = page(0, 4, false).runs[0];
    assert.deepEqual(data.steps, all.steps);
    assert.deepEqual([...data.clock], [0, 0.25, 0.5, 0.75]);
    assert.equal(run.density.turns, "dgdg");
    assert.equal(run.density.outputs.step, exact ? 1 : 0.5);
    for (let i = 0; i < 4; i += 1)
      assert.deepEqual(run.density.outputs.row(i), all.density.outputs.row(i));
    assert.deepEqual(run.grid.images.data, all.grid.images.data);
    const [{ at, steps, values, band }] = run.groups[0].lines;
    assert.deepEqual([...at], [3, 2, 1, 0]);
    assert.deepEqual([...steps], [0, 5, 30, 40]); // a page begins with what losses there are
    assert.deepEqual([...values], [3, 2, 2, 0]);
    assert.deepEqual([...band[0]], [3, 2, 2, NaN]);
    assert.deepEqual(run.status.of, [0, 0, 0, 0]);
  }
});
