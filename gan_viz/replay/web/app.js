// The replay: what is shown, what time it is, and drawing both.

import { Clock, secondsOf } from "./clock.js";
import { figuresAt, showPlaying, switchOf, writeFrame, writeTexts } from "./labels.js";
import { jumpsOf, marksOf } from "./marks.js";
import { DEFAULTS, followLink, linkOf } from "./moment.js";
import { grouped, lastUpTo, lettered, plain } from "./numbers.js";
import { Panes, element, fitted, roomIn } from "./panes.js";
import { Strip } from "./strip.js";
import { PAGE_WORDS } from "./words.js";

const TEXTS = 100; // milliseconds between texts while it plays: nobody reads faster

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
      ...this.asked(),
    };
    this.clock = new Clock(data.clock, data.hold, this.repeat(), data.loop > 1 ? data.loop : 0);
    this.clock.way = "clip";
    this.look = {};
    this.drawn = -1;
    this.told = { frame: -1, at: 0 };
    this.dirty = true;
    this.restyle();
    new ResizeObserver(() => this.panes.fits() || this.relayout()).observe(this.byId("stage"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    this.last = performance.now();
    requestAnimationFrame((now) => this.#tick(now));
  }

  /** What the recording's own look asks for. */
  asked() {
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

  repeat() {
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
    writeTexts(this);
    this.redraw();
  }

  /** Draw all anew, soon. */
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
    this.#renew(() => {
      this.data = data;
      this.panes = new Panes(this.byId("stage"), data);
      this.strip = new Strip(data);
    });
    this.restyle();
    this.root.dispatchEvent(new Event("replaced"));
  }

  /** Let frames be appended to the data; the view stays. */
  grow(append) {
    this.#renew(append);
    writeTexts(this);
    this.redraw();
  }

  /** Change the data, and stay at the step, or at the newest frame. */
  #renew(change) {
    const atEnd = this.frame === this.data.steps.length - 1;
    const { step } = this;
    change();
    this.#setClock(this.clock.way);
    const { steps } = this.data;
    this.clock.goto(atEnd ? steps.length - 1 : lastUpTo(steps, step));
  }

  #tick(now) {
    const elapsed = Math.min(0.1, (now - this.last) / 1000);
    this.last = now;
    const playing = this.clock.playing;
    this.clock.advance(elapsed);
    if (playing !== this.clock.playing) showPlaying(this);
    if (this.clock.playing || this.dirty || this.drawn < 0) this.#draw(now);
    requestAnimationFrame((later) => this.#tick(later));
  }

  #draw(now) {
    const { frame } = this;
    const look = this.lookOf(this.panes.columns);
    if (this.dirty) this.#prepare(look);
    if (frame !== this.drawn || this.dirty) {
      for (const pane of this.panes.shown(this.view)) {
        pane.draw(this.step, this.view, look, this.dirty);
      }
      this.drawn = frame;
    }
    if (this.dirty || !this.clock.playing || this.#isTextDue(now)) {
      writeFrame(this);
      this.hoverAgain?.();
      this.told = { frame, at: now };
    }
    this.#moveHead();
    this.dirty = false;
  }

  #isTextDue(now) {
    return this.frame !== this.told.frame && now - this.told.at >= TEXTS;
  }

  /** Look how large all is, and draw what stands still. */
  #prepare(look) {
    const strip = this.byId("strip");
    const size = roomIn(strip);
    this.panes.prepare(this.view, look);
    const ctx = fitted(strip.firstElementChild, size, this.family);
    ctx.clearRect(0, 0, size.width, size.height);
    const own = { ...look, em: this.em, line: Math.max(1.4, 0.14 * this.em) };
    this.strip.draw(ctx, size.width, size.height, this.clock, this.view.group, own);
  }

  /** Where the replay is; what is to come is pale. */
  #moveHead() {
    const place = this.strip.placeOf(this.clock);
    this.byId("head").style.transform = `translateX(${place}px)`;
    this.byId("future").style.transform = `translateX(${place}px)`;
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

  lettered(text) {
    return lettered(text).map(([part, tag]) => (tag ? element(tag, {}, part) : part));
  }

  toggle(key) {
    const set = key === "optimal" ? this.view.shown : this.view.hidden;
    const name = switchOf(key);
    if (!set.delete(name)) set.add(name);
    this.relayout();
  }

  /** The link to this moment and this way of looking at it. */
  get link() {
    return linkOf(this);
  }

  /** Show what a link says. */
  follow(link) {
    followLink(this, link);
  }

  /** Verdicts of the runs in sight, by step. */
  get marks() {
    return marksOf(this);
  }

  /** What buttons lead to, and its frame. */
  get jumps() {
    return jumpsOf(this);
  }

  /** Names, values and roles at a step: of the curves in the bar, and of the distances. */
  figuresAt(run, step) {
    return figuresAt(this, run, step);
  }

  /** Stop at a frame. */
  goto(frame) {
    this.pause();
    this.clock.goto(frame);
    this.announce();
  }

  /** Stop at a second. */
  seek(second) {
    this.pause();
    this.clock.time = Math.min(this.clock.end, Math.max(0, second));
  }

  play() {
    this.clock.play();
    showPlaying(this);
  }

  pause() {
    this.clock.pause();
    showPlaying(this);
    this.drawn = -1; // draw what depends on the moment anew, soon
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
}
