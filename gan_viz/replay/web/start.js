// Where it begins.

import { Replay } from "./app.js";
import { connect } from "./controls.js";
import { parseLink } from "./link.js";
import { unpack } from "./unpack.js";
import { PAGE_WORDS } from "./words.js";

/** Show the recording of the page. */
async function start() {
  const root = document.getElementById("replay");
  const data = await unpack(document.getElementById("recording").textContent);
  const replay = new Replay(root, data);
  globalThis.replay = replay; // for whoever embeds the page, and for tests
  connect(replay);
  const link = parseLink(location.hash);
  link.step ??= data.start ?? undefined;
  replay.follow(link);
  addEventListener("hashchange", () => replay.follow(parseLink(location.hash)));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (link.step === undefined && !still) replay.play();
  requestAnimationFrame(() => setTimeout(() => performance.mark("first-picture"))); // it is drawn
}

start().catch((error) => {
  const trouble = document.getElementById("trouble");
  trouble.textContent = `${PAGE_WORDS.en.trouble}: ${error.message}`;
  trouble.hidden = false;
});
