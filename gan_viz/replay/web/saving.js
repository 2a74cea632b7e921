// A frame as a picture, a drawing or a table, and a link to it.

import { figuresAt } from "./labels.js";
import { grouped, plain } from "./numbers.js";
import { write } from "./plot.js";
import { SvgSurface } from "./surface.js";

const DENSE = 2; // pixels of a saved picture for one of the page

/** Offer a file to be saved. */
function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function fileName(replay, suffix) {
  const words = replay.data.title
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${words || "replay"}-${replay.step}.${suffix}`;
}

/** Draw the frame with its title and names: what the page shows, without its controls. */
function compose(replay, ctx, width, height) {
  const { colors, em } = { ...replay.look, em: replay.em };
  const stage = replay.byId("stage").getBoundingClientRect();
  ctx.fillStyle = colors.background;
  ctx.fillRect(0, 0, width, height);
  write(ctx, replay.data.title, em, 1.7 * em, {
    color: colors.ink,
    em: 1.3 * em,
    bold: true,
  });
  const { text } = replay.statusAt(replay.frame);
  const told = [text, replay.data.unit === "" ? "" : `${replay.stepWord()} ${grouped(replay.step)}`]
    .filter(Boolean)
    .join(" · ");
  write(ctx, told, width - em, 1.7 * em, {
    color: colors.ink,
    em: 1.2 * em,
    align: "right",
  });
  for (const pane of replay.panes.shown(replay.view)) {
    const box = pane.picture.getBoundingClientRect();
    const left = box.left - stage.left;
    const top = 2.6 * em + box.top - stage.top;
    if (pane.run.title)
      write(ctx, pane.run.title, left + em, top - 0.2 * em, {
        color: colors.ink,
        em: 0.9 * em,
      });
    const part = ctx instanceof SvgSurface ? null : denseCanvas(replay, box);
    pane.view.draw(
      part ? part.getContext("2d") : new Moved(ctx, left, top),
      box.width,
      box.height,
      pane.frame(replay.step),
      pane.own(replay.view),
      replay.lookOf(replay.panes.columns),
    );
    if (part) ctx.drawImage(part, left, top, box.width, box.height);
  }
  writeNames(replay, ctx, height - 0.9 * em, colors, em);
  replay.redraw();
}

/** A canvas of the size of a box, with more pixels than the screen has. */
function denseCanvas(replay, { width, height }) {
  const part = document.createElement("canvas");
  part.width = DENSE * width;
  part.height = DENSE * height;
  const inner = part.getContext("2d");
  inner.scale(DENSE, DENSE);
  inner.family = replay.family;
  return part;
}

/** The names of the curves in sight, in their colours. */
function writeNames(replay, ctx, y, colors, em) {
  let x = em;
  for (const [key, role] of new Map(
    replay.panes.shown(replay.view).flatMap((pane) => pane.view.curves),
  )) {
    const on =
      key === "optimal"
        ? replay.view.shown.has(key)
        : key !== "gradient" && !replay.view.hidden.has(key);
    if (!on) continue;
    const text = plain(replay.name(key));
    write(ctx, text, x, y, { color: colors[role], em });
    x += 0.64 * em * text.length + 2 * em;
  }
}

/** An SVG surface on which all is drawn some pixels further right and down. */
class Moved {
  constructor(surface, right, down) {
    return new Proxy(surface, {
      get(target, name) {
        const value = target[name];
        if (typeof value !== "function") return value;
        const placed = {
          moveTo: 0,
          lineTo: 0,
          arc: 0,
          rect: 0,
          fillRect: 0,
          strokeRect: 0,
          fillText: 1,
          drawImage: 1,
        }[name];
        if (placed === undefined) return value.bind(target);
        return (...given) => {
          given[placed] += right;
          given[placed + 1] += down;
          return value.apply(target, given);
        };
      },
      set: (target, name, value) => Reflect.set(target, name, value),
    });
  }
}

function sizeOf(replay) {
  const stage = replay.byId("stage").getBoundingClientRect();
  return [Math.round(stage.width), Math.round(stage.height + 4.6 * replay.em)];
}

/** The frame as a canvas. */
export function pictureOf(replay) {
  const [width, height] = sizeOf(replay);
  const canvas = document.createElement("canvas");
  canvas.width = DENSE * width;
  canvas.height = DENSE * height;
  const ctx = canvas.getContext("2d");
  ctx.scale(DENSE, DENSE);
  ctx.family = replay.family;
  compose(replay, ctx, width, height);
  return canvas;
}

/** The frame as the text of an SVG. */
export function drawingOf(replay) {
  const [width, height] = sizeOf(replay);
  const surface = new SvgSurface(width, height, replay.family);
  compose(replay, surface, width, height);
  return surface.text();
}

/** A cell of a table; a text that a spreadsheet would compute is marked as a text. */
export function cell(value) {
  if (typeof value === "number")
    return Number.isNaN(value) ? "" : String(Number(value.toPrecision(6)));
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The numbers of the frame: along x where there are densities, else the figures. */
export function tableOf(replay) {
  const panes = replay.panes.shown(replay.view).filter((pane) => pane.view.table);
  if (!panes.length) {
    const rows = replay.data.runs.map((run) => [
      replay.step,
      ...figuresAt(replay, run, replay.step).map(([, value]) => value),
    ]);
    const names = figuresAt(replay, replay.data.runs[0], replay.step).map(([key]) => key);
    return [["step", ...names], ...rows].map((row) => row.map(cell).join(",")).join("\n");
  }
  const several = panes.length > 1;
  const lines = panes.flatMap((pane, i) => {
    const [names, ...rows] = pane.view.table(pane.frame(replay.step), replay.view);
    const before = several ? [pane.run.title] : [];
    const head = i ? [] : [[...(several ? ["run"] : []), "step", ...names]];
    return [...head, ...rows.map((row) => [...before, replay.step, ...row])];
  });
  return lines.map((row) => row.map(cell).join(",")).join("\n");
}

export function savePng(replay) {
  pictureOf(replay).toBlob((blob) => offer(blob, fileName(replay, "png")), "image/png");
}

export function saveSvg(replay) {
  offer(new Blob([drawingOf(replay)], { type: "image/svg+xml" }), fileName(replay, "svg"));
}

export function saveCsv(replay) {
  offer(new Blob([`${tableOf(replay)}\n`], { type: "text/csv" }), fileName(replay, "csv"));
}

/** Copy the link to this moment, by whatever way the page is allowed. */
export async function copyLink(replay) {
  const here = location.href.startsWith("about:") ? "" : location.href.replace(/#.*$/, "");
  const text = here + replay.link;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    replay.root.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  replay.announce(replay.page("copied"));
}
