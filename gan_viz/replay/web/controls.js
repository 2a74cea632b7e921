// What is pressed and chosen below the pictures, and all that is connected with it.

import { REPEATS, SPEEDS } from "./clock.js";
import { fullScreen, pressed, showKeys } from "./keys.js";
import { withLetters } from "./numbers.js";
import { element } from "./panes.js";
import { connectStage, connectStrip } from "./pointers.js";
import { fillSettings, openSettings, options } from "./settings.js";

/** Connect all controls of the page with a replay. */
export function connect(replay) {
  const { byId } = replay;
  byId("play").addEventListener("click", () => replay.playOrPause());
  byId("back").addEventListener("click", () => replay.goto(replay.frame - 1));
  byId("forward").addEventListener("click", () => replay.goto(replay.frame + 1));
  byId("pin").addEventListener("click", () => replay.pin());
  byId("more").addEventListener("click", () => openSettings(replay, byId("settings").hidden));
  byId("full").addEventListener("click", () => fullScreen(replay));
  byId("full").hidden = !document.fullscreenEnabled;
  byId("help").addEventListener("click", () => showKeys(replay));
  byId("speed").addEventListener(
    "change",
    (event) => (replay.clock.speed = Number(event.target.value)),
  );
  byId("repeat").addEventListener("change", (event) =>
    Object.assign(replay.clock, { repeat: event.target.value, times: 0 }),
  );
  replay.onRelabel = () => relabel(replay);
  connectStrip(replay);
  connectStage(replay);
  replay.root.addEventListener("replaced", () => connectStage(replay));
  const own = new URLSearchParams(location.search).get("keys") === "off";
  document.addEventListener("keydown", (event) => {
    if (own && !replay.root.contains(document.activeElement)) return;
    pressed(replay, event);
  });
  relabel(replay);
}

/** The texts of the controls, which depend on the language, and what they stand at. */
function relabel(replay) {
  const { byId, clock } = replay;
  for (const name of ["speed", "repeat"]) {
    byId(`${name}-word`).textContent = replay.page(name);
    byId(name).setAttribute("aria-label", replay.page(name));
  }
  const speeds = SPEEDS.includes(clock.speed)
    ? SPEEDS
    : [...SPEEDS, clock.speed].sort((a, b) => a - b);
  const told = { 0.25: "¼", 0.5: "½" };
  options(
    byId("speed"),
    speeds.map((one) => [String(one), `${told[one] ?? one}×`]),
    String(clock.speed),
  );
  options(
    byId("repeat"),
    REPEATS.map((one) => [one, replay.page(one)]),
    clock.repeat,
  );
  const jumps = replay.jumps.map(([text, frame], i) => {
    const button = element("button", { type: "button", "data-jump": i });
    button.append(...replay.lettered(withLetters(text)));
    button.addEventListener("click", () => replay.goto(frame));
    return button;
  });
  const focused = document.activeElement?.dataset?.jump;
  byId("jumps").replaceChildren(...jumps);
  if (focused) byId("jumps").querySelector(`[data-jump="${focused}"]`)?.focus();
  if (!byId("settings").hidden) fillSettings(replay);
}
