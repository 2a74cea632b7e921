// The replay: what is shown, what time it is, and drawing both.

import { Clock, secondsOf } from "./clock.js";
import { certainty } from "./density.js";
import { formatLink } from "./link.js";
import { grouped, lastUpTo, lettered, nearest, plain, written } from "./numbers.js";
import { Panes, colorOf, element, fitted } from "./panes.js";
import { Strip } from "./strip.js";
import { PAGE_WORDS } from "./words.js";

const GOOD = ["equilibrium", "near"];
const CLOSER = 26; // pixels: marks nearer to one another become one
export const DEFAULTS = {
  density: "recorded",
  bandwidth: 1,
  bins: 80,
  arrows: "",
  clock: "clip",
  scales: "shared",
  sample: -1,
  walk: 0.5,
  x: null,
  run: -1,
  group: "",
};
const METRIC_NAMES = {
  w1: "*W*_1_",
  w1_relative: "*W*_1_ / σ",
  w1_middle: "*W*_1_ / σ (98 %)",
  js: "JS",
  kl_data_g: "KL(data‖G)",
  kl_g_data: "KL(G‖data)",
  tv: "TV",
  ks: "KS",
};

/** Set p_g and p_data in a text as they are set elsewhere. */
export function withLetters(text) {
  return text.replace(/\bp_(g|data)\b/g, "*p*_$1_");
}

export class Replay {
  constructor(root, data) {
    Object.assign(this, { root, data });
    this.byId = (id) => root.querySelector(`#${id}`) ?? document.getElementById(id);
    this.panes = new Panes(this.byId("stage"), data);
    this.strip = new Strip(data);
    this.view = {
      ...DEFAULTS,
      hidden: new Set(),
      shown: new Set(),
      pins: [],
      ...this.#asked(),
    };
    this.clock = new Clock(data.clock, data.hold, this.#repeat(), data.loop > 1 ? data.loop : 0);
    this.clock.way = "clip";
    this.look = {};
    this.drawn = -1;
    this.dirty = true;
    this.restyle();
    new ResizeObserver(() => this.relayout()).observe(this.byId("stage"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    this.last = performance.now();
    requestAnimationFrame((now) => this.#tick(now));
  }

  /** What the recording's own look asks for. */
  #asked() {
    const density = this.data.runs.find((run) => run.density)?.density;
    const names = this.data.themes.map((theme) => theme.name);
    return {
      theme: names[0] === "light" && names.includes("dark") ? "system" : names[0],
      language: this.data.language,
      labels: this.data.labels,
      arrows: density?.arrows?.shown ?? "",
      bins: density?.bins ?? 80,
      bandwidth: density?.bandwidth ?? 1,
      group: this.#firstGroup(),
      shown: new Set(this.data.show.includes("dstar") ? ["optimal"] : []),
    };
  }

  /** The curves of the bar at first: the losses, or of several runs how far they are. */
  #firstGroup() {
    const { names } = this.strip;
    if (names.includes(this.data.group)) return this.data.group;
    const several = this.data.runs.length > 1 && names.includes("distance");
    return several ? "distance" : (names[0] ?? "");
  }

  #repeat() {
    if (this.data.boomerang) return "boomerang";
    return this.data.loop === 1 ? "once" : "loop";
  }

  get frame() {
    return this.clock.frame;
  }

  get step() {
    return this.data.steps[this.frame];
  }

  get run() {
    return this.data.runs[Math.max(0, this.view.run)];
  }

  /** A word of the pictures or of the page, in the language. */
  say(name) {
    const { language } = this.view;
    const page = PAGE_WORDS[language] ?? PAGE_WORDS.en;
    return (
      this.data.words[language]?.[name] ??
      page[name] ??
      PAGE_WORDS.en[name] ??
      name.replaceAll("_", " ")
    );
  }

  page(name) {
    return (PAGE_WORDS[this.view.language] ?? PAGE_WORDS.en)[name] ?? name;
  }

  /** What a curve is called: in words, by its symbol, or both; marked as `lettered` reads it. */
  name(key) {
    const symbol = this.data.symbols[key] ?? "";
    const word = METRIC_NAMES[key] ?? this.say(key).replace(/[*_^]/g, " ");
    if (!symbol || this.view.labels === "words") return word;
    return this.view.labels === "symbols" ? symbol : `${word} ${symbol}`;
  }

  /** Colours and sizes anew. */
  restyle() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const wanted = this.view.theme === "system" ? (dark ? "dark" : "light") : this.view.theme;
    const colors = this.data.themes.find((theme) => theme.name === wanted) ?? this.data.themes[0];
    const style = document.documentElement.style;
    for (const [role, color] of Object.entries(colors))
      style.setProperty(`--${role.replace("_", "-")}`, color);
    style.setProperty("--scale", String(this.data.scale));
    style.colorScheme = wanted === "dark" ? "dark" : "light";
    if (this.data.font) style.setProperty("--family", JSON.stringify(this.data.font));
    document.documentElement.lang = this.view.language;
    this.look = {
      colors,
      say: (name) => this.say(name),
      name: (key) => plain(this.name(key)),
    };
    this.relayout();
  }

  relayout() {
    this.panes.arrange(this.view);
    this.em = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.family = getComputedStyle(document.body).fontFamily;
    this.relabel();
    this.redraw();
  }

  redraw() {
    this.dirty = true;
  }

  /** The look of pictures: type is smaller where there are several. */
  lookOf(columns) {
    const em = this.em * Math.max(0.62, (columns > 1 ? 0.95 : 1.1) / Math.max(1, columns) ** 0.25);
    return {
      ...this.look,
      em,
      line: Math.max(1.4, 0.19 * em),
      family: this.family,
      bare: this.panes.many,
    };
  }

  change(changes) {
    Object.assign(this.view, changes);
    if ("clock" in changes) this.#setClock(changes.clock);
    if ("theme" in changes) this.restyle();
    else this.relayout();
  }

  #setClock(way) {
    const { frame } = this;
    this.clock.seconds = secondsOf(way, [...this.data.steps], this.data.clock);
    this.clock.way = way;
    this.clock.goto(frame);
  }

  /** Take over a new recording of the same runs, as one that grows; the view stays. */
  replace(data) {
    const atEnd = this.frame === this.data.steps.length - 1;
    const { step } = this;
    this.data = data;
    this.panes = new Panes(this.byId("stage"), data);
    this.strip = new Strip(data);
    this.#setClock(this.clock.way);
    this.clock.goto(atEnd ? data.steps.length - 1 : lastUpTo(data.steps, step));
    this.restyle();
    this.root.dispatchEvent(new Event("replaced"));
  }

  #tick(now) {
    const elapsed = Math.min(0.1, (now - this.last) / 1000);
    this.last = now;
    const playing = this.clock.playing;
    this.clock.advance(elapsed);
    if (playing !== this.clock.playing) this.showPlaying();
    if (this.clock.playing || this.dirty) this.#draw();
    requestAnimationFrame((later) => this.#tick(later));
  }

  #draw() {
    const { frame } = this;
    const look = this.lookOf(this.panes.columns);
    if (frame !== this.drawn || this.dirty) {
      for (const pane of this.panes.shown(this.view)) {
        pane.draw(this.step, this.view, look, this.dirty);
      }
      this.#writeFrame();
      this.drawn = frame;
      this.hoverAgain?.();
    }
    if (this.dirty) this.#drawStrip(look);
    this.#moveHead();
    this.dirty = false;
  }

  #drawStrip(look) {
    const { ctx, width, height } = fitted(this.byId("strip").firstElementChild, this.family);
    ctx.clearRect(0, 0, width, height);
    const own = { ...look, em: this.em, line: Math.max(1.4, 0.14 * this.em) };
    this.strip.draw(ctx, width, height, this.clock, this.view.group, own);
  }

  /** Where the replay is; what is to come is pale. */
  #moveHead() {
    const place = this.strip.placeOf(this.clock);
    this.byId("head").style.transform = `translateX(${place}px)`;
    this.byId("future").style.transform = `translateX(${place}px)`;
  }

  /** All texts that change with the frame. */
  #writeFrame() {
    this.byId("step-number").textContent = this.data.unit === "" ? "" : grouped(this.step);
    const { text, kind } = this.statusAt(this.frame);
    const status = this.byId("status");
    status.replaceChildren(...this.lettered(withLetters(text)));
    status.className =
      text && !kind.startsWith("turn") ? (GOOD.includes(kind) ? "good" : "bad") : "";
    this.#writeFigures();
    const slider = this.byId("strip");
    if (!this.clock.playing || this.frame % 10 === 0) {
      slider.setAttribute("aria-valuenow", String(this.frame));
      slider.setAttribute(
        "aria-valuetext",
        `${this.stepWord()} ${grouped(this.step)}${text ? `, ${text}` : ""}`,
      );
    }
    const pinned = this.view.pins.includes(this.step);
    const pin = this.byId("pin");
    pin.setAttribute("aria-pressed", String(pinned));
  }

  stepWord() {
    return this.data.unit ?? this.say("step");
  }

  /** The verdict that a frame shows, of one run alone. */
  statusAt(frame) {
    if (this.data.runs.length > 1 && this.view.run < 0) return { text: "", kind: "" };
    const { status, steps } = this.run;
    const [words, kind] = status.texts[status.of[lastUpTo(steps, this.data.steps[frame])]] ?? [
      "",
      "",
    ];
    return {
      text: words && (this.data.words[this.view.language]?.[kind] || words),
      kind,
    };
  }

  /** Names and values at a frame: of the curves in the bar, and of the distances. */
  figuresAt(run, step) {
    const frame = lastUpTo(run.steps, step);
    const group = run.groups.find((one) => one.key === this.view.group);
    const found = (group?.lines ?? []).map((one) => [one.key, one.at[frame], one.color]);
    const { names = [], values } = run.metrics ?? {};
    const wanted = ["w1", "js", "tv"].filter((name) => !found.some(([key]) => key === name));
    for (const name of wanted)
      if (names.includes(name)) found.push([name, values.at(frame, names.indexOf(name)), "ink"]);
    return found;
  }

  #writeFigures() {
    const single = this.data.runs.length === 1 || this.view.run >= 0;
    const rows = single ? this.figuresAt(this.run, this.step) : [];
    this.figures ??= this.#nameFigures(rows);
    rows.forEach(([, value], i) => (this.figures[i].textContent = written(value, 4)));
    const number = lastUpTo(this.run.steps, this.step) + 1;
    this.figures[rows.length].textContent = `${number} ${this.page("of")} ${this.run.steps.length}`;
    for (const pane of single ? [] : this.panes.all) {
      const known = pane.run.metrics;
      if (!known) continue;
      const value = known.values.at(pane.frame(this.step), known.names.indexOf("w1_relative"));
      pane.distance.textContent = `${written(value, 2)} σ`;
    }
  }

  /** Write the names of the figures; return the elements of their numbers, and of the frame's. */
  #nameFigures(rows) {
    const numbers = rows.map(([, , color]) => {
      const number = element("b");
      number.style.color = this.look.colors[color] ?? this.look.colors.ink;
      return number;
    });
    const named = rows.map(([key], i) =>
      element("span", {}, ...this.lettered(this.name(key)), " ", numbers[i]),
    );
    const estimate = this.run.metrics?.estimate && rows.length ? `(${this.say("estimate")})` : "";
    const count = element("b");
    const frame = element("span", {}, `${this.page("frame")} `, count);
    this.byId("figures").replaceChildren(...named, estimate, frame);
    return [...numbers, count];
  }

  lettered(text) {
    return lettered(text).map(([part, tag]) => (tag ? element(tag, {}, part) : part));
  }

  /** All texts that do not change with the frame. */
  relabel() {
    this.figures = null;
    this.byId("title").textContent = this.data.title || this.page("replay");
    for (const id of ["subtitle", "caption"]) {
      this.byId(id).textContent = this.data[id];
      this.byId(id).hidden = !this.data[id];
    }
    this.byId("step-word").textContent = this.stepWord();
    this.byId("step-number").style.minWidth = `${grouped(this.data.steps.at(-1)).length * 0.64}em`;
    this.root.setAttribute("aria-label", this.page("replay"));
    for (const id of ["back", "forward", "full"]) this.#entitle(id, this.page(id));
    this.#entitle("help", this.page("help"));
    this.byId("more").textContent = this.page("settings");
    this.byId("pin").textContent = this.page("pin");
    const slider = this.byId("strip");
    slider.setAttribute("aria-label", this.page("position"));
    slider.setAttribute("aria-valuemin", "0");
    slider.setAttribute("aria-valuemax", String(this.data.steps.length - 1));
    this.showPlaying();
    this.#labelPanes();
    this.#writeLegend();
    this.#writeMarks();
    this.onRelabel?.();
  }

  #entitle(id, text) {
    this.byId(id).setAttribute("aria-label", text);
    this.byId(id).title = text;
  }

  #labelPanes() {
    for (const pane of this.panes.all) {
      const names = pane.view.curves.map(([key]) => plain(this.name(key))).join(", ");
      const text = [pane.run.title, names || this.say("pictures")].filter(Boolean).join(": ");
      pane.canvas.setAttribute("aria-label", text);
      pane.swatch.style.background = colorOf(pane.number, this.look.dark);
      pane.button.title = this.view.run < 0 ? pane.run.title : this.page("all");
    }
  }

  showPlaying() {
    this.root.classList.toggle("playing", this.clock.playing);
    this.#entitle("play", this.page(this.clock.playing ? "pause" : "play"));
  }

  /** Buttons that show and hide each curve. */
  #writeLegend() {
    const curves = new Map(this.panes.shown(this.view).flatMap((pane) => pane.view.curves));
    const buttons = [...curves].flatMap(([key, role]) => {
      if (key === "gradient" || (key === "critic" && curves.has("discriminator"))) return [];
      const on =
        key === "optimal" ? this.view.shown.has(key) : !this.view.hidden.has(this.#switch(key));
      const button = element("button", {
        type: "button",
        "aria-pressed": String(on),
        "data-curve": key,
      });
      const swatch = element("span", { class: "swatch" });
      swatch.style.background = this.look.colors[role];
      const more =
        key === "generated" && this.run.density
          ? certainty(this.run.density, this.view, (word) => this.say(word))
          : "";
      button.append(swatch, ...this.lettered(this.name(key)), more);
      button.addEventListener("click", () => this.toggle(key));
      return [button];
    });
    const focused = document.activeElement?.dataset?.curve;
    this.byId("legend").replaceChildren(...buttons);
    this.byId("legend").setAttribute("aria-label", this.page("curves"));
    if (focused) this.byId("legend").querySelector(`[data-curve="${focused}"]`)?.focus();
  }

  #switch(key) {
    return key === "critic" ? "discriminator" : key;
  }

  toggle(key) {
    const set = key === "optimal" ? this.view.shown : this.view.hidden;
    const name = this.#switch(key);
    if (!set.delete(name)) set.add(name);
    this.relayout();
  }

  /** Verdicts of the runs in sight, by step. */
  get marks() {
    const runs = this.view.run < 0 ? this.data.runs : [this.run];
    return runs
      .flatMap((run) => run.marks.map((mark) => ({ ...mark, run: run.title })))
      .sort((one, other) => one.step - other.step);
  }

  /** A word for a mark in the language. */
  markText({ kind, short }) {
    return this.data.words[this.view.language]?.[kind] || short.split(": ")[0];
  }

  #writeMarks() {
    const place = this.byId("marks");
    const width = place.clientWidth;
    const { em } = this;
    const inner = Math.max(1, width - 1.5 * em);
    const groups = [];
    for (const mark of this.marks) {
      const frame = Math.max(0, lastUpTo(this.data.steps, mark.step));
      const left = 0.75 * em + (this.clock.seconds[frame] / (this.clock.end || 1)) * inner;
      const before = groups.at(-1);
      if (before && left - before.left < CLOSER) before.marks.push(mark);
      else groups.push({ left, frame, marks: [mark] });
    }
    const several = this.data.runs.length > 1 && this.view.run < 0;
    const buttons = groups.map(({ left, frame, marks }, i) => {
      const full = marks.map((mark) => (several ? `${mark.run}: ${mark.text}` : mark.text));
      const number = several && marks.length > 1 ? String(marks.length) : "";
      const text = number || this.markText(marks.at(-1));
      const right = (groups[i + 1]?.left ?? width) - left - 2;
      const before = left - (groups[i - 1]?.end ?? 0) - 2;
      const needed = Math.max(CLOSER, (0.62 * text.length + 0.8) * 0.95 * em);
      const turned = needed > right && needed <= before;
      const room = turned ? needed : Math.max(CLOSER, Math.min(needed, right));
      groups[i].end = turned ? left : left + room;
      const button = element("button", {
        type: "button",
        title: full.join("\n"),
        "aria-label": [plain(withLetters(text)), ...full].join("\n"),
        class: `${marks.at(-1).good ? "good" : "bad"}${turned ? " turned" : ""}`,
      });
      if (room > 3 * em || room === needed) button.append(...this.lettered(withLetters(text)));
      button.style.left = `${turned ? left - room : Math.min(left, width - CLOSER)}px`;
      button.style.width = `${room}px`;
      button.addEventListener("click", () => this.goto(frame));
      return button;
    });
    place.replaceChildren(...buttons);
  }

  /** What buttons lead to, and its frame. */
  get jumps() {
    const found = [];
    const run = this.run;
    const { names = [], values } = run.metrics ?? {};
    const column = names.indexOf("w1");
    if (column >= 0) {
      let best = -1;
      for (let i = 0; i < values.length; i += 1) {
        if (
          Number.isFinite(values.at(i, column)) &&
          (best < 0 || values.at(i, column) < values.at(best, column))
        )
          best = i;
      }
      if (best >= 0) found.push([this.page("best-w1"), run.steps[best]]);
    }
    const first = (...kinds) => run.marks.find((mark) => kinds.includes(mark.kind));
    for (const mark of [first("equilibrium") ?? first("near"), first("lost-mode", "collapse")]) {
      if (mark) found.push([this.markText(mark), mark.step]);
    }
    return found.map(([text, step]) => [text, lastUpTo(this.data.steps, step)]);
  }

  /** Stop at a frame. */
  goto(frame) {
    this.pause();
    this.clock.goto(frame);
    this.redraw();
    this.announce();
  }

  /** Stop at a second. */
  seek(second) {
    this.pause();
    this.clock.time = Math.min(this.clock.end, Math.max(0, second));
    this.redraw();
  }

  play() {
    this.clock.play();
    this.showPlaying();
  }

  pause() {
    this.clock.pause();
    this.showPlaying();
    this.redraw();
  }

  playOrPause() {
    if (this.clock.playing) this.pause();
    else this.play();
    this.announce();
  }

  /** Keep this frame in sight, the older of two gives way; or let it go. */
  pin() {
    const { pins } = this.view;
    const { step } = this;
    this.view.pins = pins.includes(step)
      ? pins.filter((one) => one !== step)
      : [...pins, step].slice(-2);
    this.relayout();
  }

  announce(text = "") {
    const { text: status } = this.statusAt(this.frame);
    const said = [`${this.stepWord()} ${grouped(this.step)}`, status].filter(Boolean).join(", ");
    this.byId("live").textContent = text || said;
  }

  /** The link to this moment and this way of looking at it. */
  get link() {
    const { view, clock } = this;
    const own = (name) => (view[name] === DEFAULTS[name] ? undefined : view[name]);
    const recorded = this.#asked();
    const chosen = (name) => (view[name] === recorded[name] ? undefined : view[name]);
    return formatLink({
      step: this.step,
      speed: clock.speed === 1 ? undefined : clock.speed,
      repeat: clock.repeat === this.#repeat() ? undefined : clock.repeat,
      density: view.density === "recorded" ? undefined : view.density,
      bandwidth: chosen("bandwidth"),
      bins: chosen("bins"),
      arrows: view.arrows === recorded.arrows ? undefined : view.arrows || "none",
      clock: own("clock"),
      scales: own("scales"),
      sample: own("sample"),
      theme: chosen("theme"),
      lang: chosen("language"),
      labels: chosen("labels"),
      group: chosen("group"),
      show: [...view.shown].map((name) => (name === "optimal" ? "dstar" : name)),
      hide: [...view.hidden],
      x: view.x,
      pin: view.pins,
    });
  }

  /** Show what a link says. */
  follow(link) {
    const { view, clock } = this;
    const changes = {};
    for (const name of [
      "density",
      "bandwidth",
      "bins",
      "scales",
      "sample",
      "labels",
      "clock",
      "x",
    ]) {
      if (link[name] !== undefined) changes[name] = link[name];
    }
    const themes = ["system", ...this.data.themes.map((theme) => theme.name)];
    if (themes.includes(link.theme)) changes.theme = link.theme;
    if (this.strip.names.includes(link.group)) changes.group = link.group;
    if (Object.hasOwn(PAGE_WORDS, link.lang ?? "")) changes.language = link.lang;
    if (link.arrows) changes.arrows = link.arrows === "none" ? "" : link.arrows;
    const own = { dstar: "optimal" };
    if (link.show) view.shown = new Set(link.show.map((name) => own[name] ?? name));
    if (link.hide) view.hidden = new Set(link.hide);
    const { steps } = this.data;
    if (link.pin) changes.pins = link.pin.map((step) => steps[nearest(steps, step)]);
    clock.speed = link.speed ?? clock.speed;
    clock.repeat = link.repeat ?? clock.repeat;
    this.change(changes);
    if (link.step !== undefined) this.goto(nearest(steps, link.step));
  }
}
