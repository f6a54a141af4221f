/**
 * Brings FLV to mpegts.js by WebSocket or by HTTP, as its own loaders do, and tells what comes: the library
 * says nothing of media that it leaves out.
 *
 * @module
 */
import { FlvTags } from "./flv_tags.js";

/**
 * @typedef {any} Mpegts
 * @typedef {(kinds: import("./flv_tags.js").Kinds) => void} OnKinds
 */

/**
 * A loader for the setting `customLoader`.
 *
 * @param {Mpegts} mpegts
 * @param {OnKinds} onKinds
 */
export function loaderFor({ BaseLoader, LoaderStatus, LoaderErrors }, onKinds) {
  return class extends BaseLoader {
    #tags = new FlvTags();
    #gone = new AbortController();
    #received = 0;

    constructor() {
      super("sluice");
    }

    /** @param {{ url: string }} source */
    open({ url }) {
      this._status = LoaderStatus.kConnecting;
      if (!/^wss?:/.test(url)) return void this.#fetch(url);
      try {
        this.#openSocket(url);
      } catch (error) {
        // Such as a port that the browser opens to nobody.
        this.#fail(LoaderErrors.EXCEPTION, -1, String(error));
      }
    }

    abort() {
      this.#gone.abort();
      this._status = LoaderStatus.kComplete;
    }

    destroy() {
      this.abort();
      super.destroy();
    }

    /** @param {string} url */
    #openSocket(url) {
      const socket = new WebSocket(url);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => this._status = LoaderStatus.kBuffering;
      socket.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) this.#take(data);
        else this.#fail(LoaderErrors.EXCEPTION, -1, "Text came in place of FLV");
      };
      socket.onclose = () => this.#end();
      socket.onerror = () => this.#fail(LoaderErrors.EXCEPTION, 0, "The WebSocket failed");
      this.#gone.signal.addEventListener("abort", () => socket.close());
    }

    /** @param {string} url */
    async #fetch(url) {
      const { signal } = this.#gone;
      try {
        const response = await fetch(url, { signal, cache: "no-store" });
        if (!response.ok || response.body === null) {
          const { status, statusText } = response;
          return this.#fail(LoaderErrors.HTTP_STATUS_CODE_INVALID, status, statusText);
        }
        this._status = LoaderStatus.kBuffering;
        const reader = response.body.getReader();
        while (true) {
          const { done, value } = await reader.read();
          if (done) return this.#end();
          this.#take(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
        }
      } catch (error) {
        this.#fail(LoaderErrors.EXCEPTION, -1, String(error));
      }
    }

    /** @param {ArrayBuffer} data */
    #take(data) {
      if (this.#gone.signal.aborted) return;
      const start = this.#received;
      this.#received += data.byteLength;
      // Told first: the library may empty the buffer.
      onKinds(this.#tags.read(new Uint8Array(data)));
      this._onDataArrival?.(data, start, this.#received);
    }

    #end() {
      if (this.#gone.signal.aborted) return;
      this._status = LoaderStatus.kComplete;
      this._onComplete?.(0, this.#received - 1);
    }

    /**
     * @param {string} type
     * @param {number} code
     * @param {string} msg
     */
    #fail(type, code, msg) {
      if (this.#gone.signal.aborted) return;
      this._status = LoaderStatus.kError;
      this._onError?.(type, { code, msg });
    }
  };
}
