/**
 * The dashboard: it watches the events of the server and shows what they say.
 *
 * @module
 */
import { ApiError, ask, hasToken, readEvents, setToken } from "./api.js";
import { copyRow, Details } from "./details.js";
import { byId, setText } from "./dom.js";
import { bytes, duration, plural, streamTitle } from "./format.js";
import { RelayTable } from "./relays.js";
import { SessionTable } from "./sessions.js";
import { keyOf, SeriesStore, StreamList } from "./streams.js";
import { ROOT, streamPath, waysToPublish } from "./urls.js";

/** How long it rests before it asks again for events that ended (ms): at first, and at the most. */
const REST_MS = 500;
const MAX_REST_MS = 10_000;

/** @type {import("./types.d.ts").State | undefined} */
let state;
/** Problems that were told, so that each is told once. @type {Set<string>} */
let told = new Set();
/** @type {(() => void) | undefined} */
let retry;

const store = new SeriesStore();
const details = new Details(store, say);
const list = new StreamList(byId("stream-list"), store, (stream) => {
  location.hash = hashOf(stream);
});
const sessions = new SessionTable(byId("session-rows"), (session) => {
  confirmed(`Disconnect ${session.address}?`, () => ask(`sessions/${session.id}`, DELETE));
});

const relays = new RelayTable(byId("relay-rows"), (relay) => {
  confirmed(
    `End the ${relay.direction} of ${streamTitle(relay)}?`,
    () => ask(`relays/${relay.id}`, DELETE),
  );
});

const DELETE = { method: "DELETE" };

/** @param {import("./types.d.ts").Stream} stream */
function hashOf(stream) {
  return `#/${streamPath(stream)}`;
}

/** @returns {import("./types.d.ts").Stream | undefined} */
function streamOfHash() {
  if (!location.hash.startsWith("#/")) return undefined;
  try {
    const parts = location.hash.slice(2).split("/").map(decodeURIComponent);
    const name = parts.pop() ?? "";
    return { app: parts.join("/"), name };
  } catch {
    return undefined;
  }
}

/**
 * Says something to screen readers, and shows it until something else is said.
 *
 * @param {string} text
 */
function say(text) {
  setText(byId("said"), text);
}

/** @param {string} kind @param {string} text */
function showConnection(kind, text) {
  byId("connection").dataset.kind = kind;
  setText(byId("connection"), text);
}

function showDetails() {
  const wanted = streamOfHash();
  if (wanted === undefined) return details.close();
  if (state === undefined) return;
  if (details.stream === undefined || keyOf(details.stream) !== keyOf(wanted)) {
    details.open(wanted, state.server);
  }
  details.update(state.streams.find((stream) => keyOf(stream) === keyOf(wanted)));
}

/** @param {import("./types.d.ts").State} next */
function show(next) {
  const isFirst = state === undefined;
  state = next;
  const { server, streams } = state;
  store.add(streams);
  list.update(streams);
  sessions.update(state.sessions);
  relays.update(state.relays);
  byId("relays").hidden = state.relays.length === 0;
  setText(byId("relay-count"), `${state.relays.length}`);
  const memory = `${bytes(server.mediaMemory.used)} of ${
    bytes(server.mediaMemory.limit)
  } for media`;
  setText(
    byId("server"),
    `Sluice ${server.version} on ${server.runtime}, up ${duration(server.uptimeMs)}, ${memory}`,
  );
  const status = server.status === "ok" ? "Connected" : `Connected; the server is ${server.status}`;
  showConnection(server.status === "ok" ? "on" : "warn", status);
  setText(byId("stream-count"), countText(streams.length, server.streams));
  setText(byId("session-count"), countText(state.sessions.length, server.sessions));
  byId("no-streams").hidden = streams.length > 0;
  byId("no-sessions").hidden = state.sessions.length > 0;
  byId("session-table").hidden = state.sessions.length === 0;
  if (isFirst) {
    const ways = waysToPublish({ app: "live", name: "demo" }, ROOT, server);
    byId("first-ways").replaceChildren(...ways.map((way) => copyRow(way, say)));
  }
  document.title = `${plural(server.streams, "stream")} – Sluice`;
  tellProblems();
  showDetails();
}

/** @param {number} shown @param {number} all */
function countText(shown, all) {
  return shown < all ? `${shown} of ${all}` : `${all}`;
}

/** Tells screen readers of problems that are new. */
function tellProblems() {
  const now = new Set();
  for (const stream of state?.streams ?? []) {
    for (const { code, serious, text } of stream.problems) {
      const key = `${keyOf(stream)}\n${code}`;
      now.add(key);
      if (serious && !told.has(key)) say(`${streamTitle(stream)}: ${text}`);
    }
  }
  told = now;
}

/**
 * Asks before it does what cannot be undone.
 *
 * @param {string} question
 * @param {() => Promise<unknown>} act
 */
function confirmed(question, act) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  setText(byId("confirm-question"), question);
  dialog.returnValue = "";
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "yes") return;
    try {
      await act();
      say("Done");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }, { once: true });
  dialog.showModal();
}

/** @param {string} why */
function askForToken(why) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("sign-in"));
  setText(byId("sign-in-why"), why);
  if (!dialog.open) dialog.showModal();
}

async function watch() {
  let rest = REST_MS;
  for (;;) {
    try {
      const response = await ask("events");
      if (response.body === null) throw new TypeError("The answer has no body");
      await readEvents(response.body, (name, data) => {
        rest = REST_MS;
        if (name === "charts") store.start(JSON.parse(data));
        else if (name === "state") show(JSON.parse(data));
      });
      showConnection("off", "Connection lost. Trying again …");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        askForToken(hasToken() ? "That is not the token of this server." : "");
        setToken(undefined);
        showConnection("off", "Not signed in");
        await new Promise((resolve) => retry = () => resolve(undefined));
        continue;
      }
      const refused = error instanceof ApiError;
      showConnection("off", refused ? error.message : "The server is out of reach. Trying again …");
    }
    await new Promise((resolve) => setTimeout(resolve, rest));
    rest = Math.min(MAX_REST_MS, rest * 2);
  }
}

byId("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("token"));
  if (field.value === "") return;
  setToken(field.value);
  field.value = "";
  /** @type {HTMLDialogElement} */ (byId("sign-in")).close();
  retry?.();
});
// Without a token there is nothing to see: Escape does not close it.
byId("sign-in").addEventListener("cancel", (event) => event.preventDefault());
for (const id of ["confirm-yes", "confirm-no"]) {
  byId(id).addEventListener("click", () => {
    /** @type {HTMLDialogElement} */ (byId("confirm")).close(id === "confirm-yes" ? "yes" : "no");
  });
}
byId("details-close").addEventListener("click", () => {
  history.replaceState(null, "", location.pathname + location.search);
  const { stream } = details;
  showDetails();
  if (stream !== undefined) say(`${streamTitle(stream)} closed`);
  byId("streams-title").focus();
});
byId("details-end").addEventListener("click", () => {
  const { stream } = details;
  if (stream === undefined) return;
  const path = `streams/${streamPath(stream)}`;
  confirmed(`Disconnect the publisher of ${streamTitle(stream)}?`, () => ask(path, DELETE));
});
addEventListener("hashchange", showDetails);

watch();
