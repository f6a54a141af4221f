/**
 * The table of relays.
 *
 * @module
 */
import { el, keyed, setText } from "./dom.js";
import { bitrate, bytes, streamTitle } from "./format.js";

/** @typedef {import("./types.d.ts").RelayRow} RelayRow */

/**
 * How a relay is, in words.
 *
 * @param {RelayRow} relay
 */
export function relayText({ state, error, leftOut }) {
  const parts = [
    state,
    error !== null && error.message,
    leftOut.length > 0 && `not sent: ${leftOut.join(", ")}`,
  ].filter((part) => part !== false);
  return parts.join("; ");
}

/** One row. */
class Row {
  element;
  #url = el("td");
  #what = el("td");
  #rate = el("td");
  #traffic = el("td");

  /**
   * @param {RelayRow} relay
   * @param {(relay: RelayRow) => void} onEnd
   */
  constructor(relay, onEnd) {
    const title = streamTitle(relay);
    const label = `End ${relay.direction} of ${title}`;
    this.element = el(
      "tr",
      {},
      el("th", { scope: "row" }, title),
      el("td", {}, relay.direction === "push" ? "to" : "from"),
      this.#url,
      this.#what,
      this.#rate,
      this.#traffic,
      el(
        "td",
        {},
        el("button", { type: "button", "aria-label": label, click: () => onEnd(relay) }, "End"),
      ),
    );
  }

  /** @param {RelayRow} relay */
  update(relay) {
    setText(this.#url, relay.url);
    setText(this.#what, relayText(relay));
    setText(this.#rate, bitrate(relay.bitrate));
    setText(this.#traffic, bytes(relay.bytes));
  }
}

/** The table. */
export class RelayTable {
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} body
   * @param {(relay: RelayRow) => void} onEnd
   */
  constructor(body, onEnd) {
    this.body = body;
    this.onEnd = onEnd;
  }

  /** @param {readonly RelayRow[]} relays */
  update(relays) {
    const make = (/** @type {RelayRow} */ relay) => new Row(relay, this.onEnd);
    keyed(this.body, this.#rows, relays, ({ id }) => id, make);
  }
}
