/**
 * The table of sessions.
 *
 * @module
 */
import { el, keyed, setText } from "./dom.js";
import { bytes, duration } from "./format.js";

/** @typedef {import("./types.d.ts").SessionRow} SessionRow */

/**
 * What a session does, in words.
 *
 * @param {SessionRow} session
 */
export function sessionText({ app, publishing, playing, state }) {
  const named = (/** @type {readonly string[]} */ names) =>
    names.map((name) => [app, name].filter((part) => part !== "").join("/")).join(", ");
  const parts = [
    publishing.length > 0 && `publishes ${named(publishing)}`,
    playing.length > 0 && `watches ${named(playing)}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(", ") : state;
}

/** One row. */
class Row {
  element;
  #what = el("td");
  #client = el("td");
  #since = el("td");
  #traffic = el("td");

  /**
   * @param {SessionRow} session
   * @param {(session: SessionRow) => void} onEnd
   */
  constructor(session, onEnd) {
    const label = `Disconnect ${session.address}, ${session.protocol}`;
    this.element = el(
      "tr",
      {},
      el("th", { scope: "row" }, session.address),
      el("td", {}, session.protocol),
      this.#what,
      this.#client,
      this.#since,
      this.#traffic,
      el(
        "td",
        {},
        el(
          "button",
          { type: "button", "aria-label": label, click: () => onEnd(session) },
          "Disconnect",
        ),
      ),
    );
  }

  /** @param {SessionRow} session */
  update(session) {
    setText(this.#what, sessionText(session));
    setText(this.#client, session.client || "–");
    setText(this.#since, duration(Date.now() - Date.parse(session.since)));
    setText(this.#traffic, `${bytes(session.bytesIn)} in, ${bytes(session.bytesOut)} out`);
  }
}

/** The table. */
export class SessionTable {
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} body
   * @param {(session: SessionRow) => void} onEnd
   */
  constructor(body, onEnd) {
    this.body = body;
    this.onEnd = onEnd;
  }

  /** @param {readonly SessionRow[]} sessions */
  update(sessions) {
    const make = (/** @type {SessionRow} */ session) => new Row(session, this.onEnd);
    keyed(this.body, this.#rows, sessions, ({ id }) => id, make);
  }
}
