// Time: which frame is shown at a second of the replay, and how it goes on.

import { lastUpTo } from "./numbers.js";

/** Seconds at which each step is shown, from 0 to `duration`, by one of the ways of `CLOCKS`. */
export function secondsOf(way, steps, recorded) {
  const duration = Math.max(recorded[recorded.length - 1], (steps.length - 1) / 30, 1e-9);
  const scale = {
    clip: () => recorded,
    frames: () => steps.map((_, i) => i),
    linear: () => steps.map((step) => step - steps[0]),
    log: () => steps.map((step) => Math.log1p(step - steps[0])),
  }[way]();
  const last = scale[scale.length - 1];
  return Float64Array.from(scale, (one) => (last > 0 ? (one / last) * duration : 0));
}

export const CLOCKS = ["clip", "frames", "linear", "log"];
export const SPEEDS = [0.25, 0.5, 1, 2, 4];
export const REPEATS = ["once", "loop", "boomerang"];

/** Plays seconds from 0 to the last of the frames', and a hold. */
export class Clock {
  constructor(seconds, hold, repeat, times = 0) {
    Object.assign(this, { seconds, hold, repeat, times });
    this.time = 0;
    this.speed = 1;
    this.direction = 1;
    this.played = 0;
    this.playing = false;
  }

  get end() {
    return this.seconds[this.seconds.length - 1];
  }

  get frame() {
    return lastUpTo(this.seconds, this.time + 1e-9);
  }

  /** Go to a frame; what played goes on from there. */
  goto(frame) {
    const last = this.seconds.length - 1;
    this.time = this.seconds[Math.min(last, Math.max(0, frame))];
  }

  /** Let some seconds of the wall clock pass. */
  advance(elapsed) {
    if (!this.playing) return;
    this.time += this.direction * this.speed * elapsed;
    if (this.direction > 0 && this.time >= this.end + this.hold) this.#turn();
    if (this.direction < 0 && this.time <= 0) {
      this.direction = 1;
      this.time = 0;
      this.#count();
    }
  }

  #turn() {
    if (this.repeat === "boomerang") {
      this.direction = -1;
      this.time = this.end;
      return;
    }
    this.#count();
    this.time = this.playing ? 0 : this.end;
  }

  /** Stop after so many times, or after one. */
  #count() {
    this.played += 1;
    if (this.repeat === "once" || (this.times > 0 && this.played >= this.times)) {
      this.playing = false;
      this.played = 0;
    }
  }

  /** Begin to play, from the start if the end is reached. */
  play() {
    if (this.time >= this.end && this.direction > 0) this.time = 0;
    this.playing = true;
  }

  pause() {
    this.playing = false;
    this.direction = 1;
    this.time = Math.min(this.time, this.end);
  }
}
