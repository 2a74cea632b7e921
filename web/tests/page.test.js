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
import { SvgSurface } from "../../gan_viz/replay/web/surface.js";
import { Rows, unpack } from "../../gan_viz/replay/web/unpack.js";
import { PAGE_WORDS } from "../../gan_viz/replay/web/words.js";

function near(one, other, error) {
  assert.ok(Math.abs(one - other) <= error, `${one} is not ${other} to ${error}`);
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
  const levels = [
    [0, 1, 65535],
    [9, 9, 9],
  ];
  const second = levels.flatMap(([p, q, r]) => [p, q - 2 * p, r - 2 * q + p]);
  const zigzag = second.map((one) => {
    const signed = (one << 16) >> 16;
    return ((signed << 1) ^ (signed >> 31)) & 0xffff;
  });
  const bytes = [...zigzag.map((one) => one & 255), ...zigzag.map((one) => one >> 8)];
  bytes.push(...new Uint8Array(Float32Array.of(1.5, NaN).buffer), 1, 63, 255, 193);
  const json = Buffer.from(JSON.stringify(about));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(json.length);
  const whole = gzipSync(Buffer.concat([head, json, Buffer.from(bytes)]));
  const found = await unpack(whole.toString("base64"));
  assert.deepEqual([...found.a.row(0)], [1, 1.5, NaN]);
  assert.deepEqual([...found.a.row(1)], [5.5, 5.5, 5.5]);
  assert.deepEqual([...found.b], [1.5, NaN]);
  assert.deepEqual([...found.c.row(0)], [4, 255]);
  assert.deepEqual([...found.c.row(1)], [0, 0]);
  assert.equal(found.text, "</script>");
});

test("all languages say the same things", () => {
  for (const [language, words] of Object.entries(PAGE_WORDS)) {
    assert.deepEqual(Object.keys(words), Object.keys(PAGE_WORDS.en), language);
    assert.ok(Object.values(words).every(Boolean), language);
  }
});

test("frames that are appended are those of a page of all", () => {
  const page = (from, to, low = 0) => ({
    runs: [
      {
        steps: Float64Array.from([0, 10, 20, 40].slice(from, to)),
        density: {
          turns: "dgdg".slice(from, to),
          outputs: new Rows(
            Uint16Array.from([2, 4, 6, 8, 10, 12, 14, 65535].slice(2 * from, 2 * to), (level) =>
              level === 65535 ? level : level - 2 * low,
            ),
            [to - from, 2],
            low,
            0.5,
            true,
          ),
        },
        grid: { images: new Rows(Uint8Array.of(1, 2, 3, 4).slice(from, to), [to - from, 1]) },
        groups: [{ key: "losses", lines: [line(from, to)] }],
      },
    ],
  });
  const line = (from, to) => ({ key: "g_loss", at: Float32Array.of(3, 2, 1, 0).slice(from, to) });
  for (const low of [0, 1]) {
    const data = page(0, 2);
    const [run] = data.runs;
    run.status = { texts: [["", ""]], of: [0, 0] };
    Object.assign(run.groups[0].lines[0], {
      steps: Float64Array.of(0, 5, 30),
      values: Float32Array.of(3, 2, 2),
      band: [Float32Array.of(3, 2, 2), Float32Array.of(3, 2, 2)],
    });
    data.clock = Float64Array.of(0, 0.25);
    append(data, page(2, 4, low));
    const all = page(0, 4).runs[0];
    assert.deepEqual(data.steps, all.steps);
    assert.deepEqual([...data.clock], [0, 0.25, 0.5, 0.75]);
    assert.equal(run.density.turns, "dgdg");
    assert.equal(run.density.outputs.quantised, low === 0);
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
