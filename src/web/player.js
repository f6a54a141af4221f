/**
 * The page of one stream: it plays, with the sound off until somebody asks for it.
 *
 * `#way=hls` behind the address plays one way and no other: `ws-flv`, `http-flv` or `hls`.
 *
 * @module
 */
import { byId, setText } from "./dom.js";
import { streamTitle } from "./format.js";
import { LivePlayer, stateText } from "./live_player.js";
import { ROOT, streamOf } from "./urls.js";

const video = /** @type {HTMLVideoElement} */ (byId("video"));
const sound = byId("sound");
const stream = streamOf(location.href, ROOT);

setText(byId("title"), streamTitle(stream));
document.title = `${streamTitle(stream)} – Sluice`;

const way = new URLSearchParams(location.hash.slice(1)).get("way");
const player = new LivePlayer(video, stream, {
  root: ROOT,
  query: location.search,
  only: way === "ws-flv" || way === "http-flv" || way === "hls" ? way : undefined,
  onState: (state) => {
    document.body.dataset.state = state.kind;
    document.body.dataset.way = state.way ?? "";
    setText(byId("message"), stateText(state));
    byId("live").dataset.state = state.kind === "playing" ? "on" : "off";
  },
});

// An attribute that is set by script alone does not count for every browser's rules on autoplay.
video.muted = true;

function showSound() {
  sound.setAttribute("aria-pressed", String(!video.muted));
  setText(sound, video.muted ? "Turn sound on" : "Turn sound off");
}

function toggleSound() {
  video.muted = !video.muted;
  video.play().catch(() => {});
}

sound.addEventListener("click", toggleSound);
video.addEventListener("click", toggleSound);
video.addEventListener("volumechange", showSound);
byId("full").addEventListener("click", () => {
  if (document.fullscreenElement) return void document.exitFullscreen();
  if (document.fullscreenEnabled) return void document.documentElement.requestFullscreen();
  // iPhones have no full screen but that of the video itself.
  const own = /** @type {{ webkitEnterFullscreen?: () => void }} */ (video);
  own.webkitEnterFullscreen?.();
});
const hasFullScreen = document.fullscreenEnabled || "webkitEnterFullscreen" in video;
byId("full").hidden = !hasFullScreen;
addEventListener("pagehide", () => player.stop());

player.run();
