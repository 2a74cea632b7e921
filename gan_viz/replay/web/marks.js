// Verdicts as marks above the bar, and the frames that buttons lead to.

import { lastUpTo, plain, withLetters } from "./numbers.js";
import { element } from "./panes.js";

const CLOSER = 26; // pixels: marks nearer to one another become one

/** Verdicts of the runs in sight, by step. */
export function marksOf(replay) {
  const runs = replay.view.run < 0 ? replay.data.runs : [replay.run];
  return runs
    .flatMap((run) => run.marks.map((mark) => ({ ...mark, run: run.title })))
    .sort((one, other) => one.step - other.step);
}

/** What buttons lead to, and its frame. */
export function jumpsOf(replay) {
  const found = [];
  const run = replay.run;
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
    if (best >= 0) found.push([replay.page("best-w1"), run.steps[best]]);
  }
  const first = (...kinds) => run.marks.find((mark) => kinds.includes(mark.kind));
  for (const mark of [first("equilibrium") ?? first("near"), first("lost-mode", "collapse")]) {
    if (mark) found.push([markText(replay, mark), mark.step]);
  }
  return found.map(([text, step]) => [text, lastUpTo(replay.data.steps, step)]);
}

/** A word for a mark in the language. */
function markText(replay, { kind, short }) {
  return replay.data.words[replay.view.language]?.[kind] || short.split(": ")[0];
}

/** Marks of verdicts above the bar; those that are too near one another become one. */
export function writeMarks(replay) {
  const place = replay.byId("marks");
  const width = place.clientWidth;
  const { em } = replay;
  const inner = Math.max(1, width - 1.5 * em);
  const groups = [];
  for (const mark of replay.marks) {
    const frame = Math.max(0, lastUpTo(replay.data.steps, mark.step));
    const left = 0.75 * em + (replay.clock.seconds[frame] / (replay.clock.end || 1)) * inner;
    const before = groups.at(-1);
    if (before && left - before.left < CLOSER) before.marks.push(mark);
    else groups.push({ left, frame, marks: [mark] });
  }
  const several = replay.data.runs.length > 1 && replay.view.run < 0;
  const buttons = groups.map(({ left, frame, marks }, i) => {
    const full = marks.map((mark) => (several ? `${mark.run}: ${mark.text}` : mark.text));
    const number = several && marks.length > 1 ? String(marks.length) : "";
    const text = number || markText(replay, marks.at(-1));
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
    if (room > 3 * em || room === needed) button.append(...replay.lettered(withLetters(text)));
    button.style.left = `${turned ? left - room : Math.min(left, width - CLOSER)}px`;
    button.style.width = `${room}px`;
    button.addEventListener("click", () => replay.goto(frame));
    return button;
  });
  place.replaceChildren(...buttons);
}
