// Following a recording while it is written: asks three times a second what came after the last frame.

import { append } from "./growing.js";
import { gunzip, parse } from "./unpack.js";

const ASK_PERIOD = 300; // milliseconds between questions; none is held open
const HIDDEN_PERIOD = 3000; // of a page that nobody sees
const ASK_PATIENCE = 1; // a slow answer is followed by a pause so many times as long
const GLIDE = 400; // milliseconds in which scales widen
const LIVE_WORDS = {
  en: {
    running: "live",
    complete: "training ended",
    stopped: "training stopped",
    silent: "nothing new for",
    lost: "connection lost, trying again",
  },
  de: {
    running: "live",
    complete: "Training beendet",
    stopped: "Training abgebrochen",
    silent: "nichts Neues seit",
    lost: "Verbindung verloren, neuer Versuch",
  },
  fr: {
    running: "en direct",
    complete: "entraînement terminé",
    stopped: "entraînement arrêté",
    silent: "rien de nouveau depuis",
    lost: "connexion perdue, nouvel essai",
  },
  es: {
    running: "en vivo",
    complete: "entrenamiento terminado",
    stopped: "entrenamiento detenido",
    silent: "nada nuevo desde hace",
    lost: "conexión perdida, reintentando",
  },
  ja: {
    running: "ライブ",
    complete: "学習終了",
    stopped: "学習停止",
    silent: "新しいデータなし",
    lost: "接続が切れました。再試行中",
  },
};

class Follower {
  constructor() {
    this.generation = ""; // of the page that is shown: the recording's version then, and its own
    this.shown = document.createElement("p");
    this.shown.id = "following";
    this.shown.setAttribute("role", "status");
    document.getElementById("controls").before(this.shown);
  }

  /** Ask, show, and ask again later, whatever happens. */
  async run() {
    const began = performance.now();
    try {
      await this.#ask();
    } catch {
      this.#say("lost");
    }
    const took = performance.now() - began;
    setTimeout(
      () => this.run(),
      Math.max(document.hidden ? HIDDEN_PERIOD : ASK_PERIOD, ASK_PATIENCE * took),
    );
  }

  /** Take the newest frames of the page that is shown; or another page, with what it lacks. */
  async #ask() {
    const { replay } = globalThis;
    if (!replay.data) return; // it is still being unpacked: that is the element of this name
    const { state, data, generation } = await this.#after(replay.data, this.generation);
    if (data && generation === this.generation) replay.grow(() => append(replay.data, data));
    else if (data) await this.#replace(replay, data, generation);
    if (state.status !== "waiting") this.#say(state.status, state.seconds); // else it was removed
  }

  async #replace(replay, data, generation) {
    const more = await this.#after(data, generation);
    if (more.data && more.generation === generation) append(data, more.data);
    const first = !this.generation;
    const before = scalesOf(replay.data);
    replay.replace(data);
    glide(replay, before);
    this.generation = generation;
    if (first) this.#begin(replay);
  }

  /** Where the recording is; what came after a page of a generation, and of which that is. */
  async #after({ steps }, generation) {
    const name = `data?generation=${encodeURIComponent(generation)}&after=${steps.at(-1)}`;
    const answer = await this.#fetch(name);
    const state = JSON.parse(answer.headers.get("x-state"));
    if (answer.status !== 200) return { state };
    const data = parse(await gunzip(new Uint8Array(await answer.arrayBuffer())));
    return { state, data, generation: answer.headers.get("x-generation") };
  }

  async #fetch(name) {
    const answer = await fetch(name, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  }

  /** A live page stands on its newest frame until somebody goes back. */
  #begin(replay) {
    replay.pause();
    replay.goto(replay.data.steps.length - 1);
  }

  #say(status, seconds = 0) {
    const words = LIVE_WORDS[globalThis.replay.view?.language] ?? LIVE_WORDS.en;
    const text = status === "silent" ? `${words.silent} ${Math.round(seconds)} s` : words[status];
    if (this.shown.textContent !== text) this.shown.textContent = text;
    this.shown.dataset.status = status;
  }
}

/** What a newer recording of the same runs may widen: a number of an object, by its name. */
function scalesOf(data) {
  return data.runs.flatMap(({ density, groups }) => [
    ...(density ? [density, density.own].map((scale) => ["top", scale, scale.top]) : []),
    ...groups.flatMap(({ limits }) => [0, 1].map((end) => [end, limits, limits[end]])),
  ]);
}

/** Let scales get from where they were to where they are to be; none narrows, so nothing jumps. */
function glide(replay, before) {
  const after = scalesOf(replay.data);
  if (before.length !== after.length) return; // other curves than before
  const ends = after.map(([name, , end], i) => {
    const start = before[i][2];
    return [start, name === 0 ? Math.min(start, end) : Math.max(start, end)];
  });
  const began = performance.now();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const step = () => {
    const part = still ? 1 : Math.min(1, (performance.now() - began) / GLIDE);
    after.forEach(([name, scale], i) => {
      scale[name] = ends[i][0] + (ends[i][1] - ends[i][0]) * part;
    });
    replay.redraw();
    if (part < 1) requestAnimationFrame(step);
  };
  step();
}

new Follower().run();
