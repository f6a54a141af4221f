/**
 * Files behind HTTP without a port.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Plugin } from "../../../src/plugin/api.ts";
import { Admission, type Evictable } from "../../../src/service/admission.ts";
import { FileService } from "../../../src/service/files/mod.ts";
import { MediaOrigins } from "../../../src/service/media_origins.ts";
import { MemoryFolder } from "../../support/flv_files.ts";
import { Rig } from "../../support/rtmp_service.ts";

/** Bytes of the largest file. */
export const SIZE = 300_000;
/** What is in the largest one. */
export const BYTES = Uint8Array.from({ length: SIZE }, (_, index) => index * 7 + (index >> 8));
/** Where that is. */
export const DEMO = "/live/demo/recordings/1.mp4";

/** A service of files, and the files. */
export class FileRig extends Rig {
  readonly folder = new MemoryFolder({
    "live/demo/1.mp4": BYTES,
    "live/demo.flv": BYTES.subarray(0, 10),
    "live/demo/secret.txt": BYTES,
    "live/other/1.mp4": BYTES.subarray(5, 25),
  });
  readonly files: FileService;
  readonly admission: Admission<Evictable>;

  constructor(...plugins: Plugin[]) {
    super({}, ...plugins);
    this.admission = new Admission(this.settings);
    let ids = 0;
    this.files = new FileService({
      config: { maxUnanswered: 3 },
      runtime: { clock: this.clock, randomBytes: (length) => new Uint8Array(length).fill(++ids) },
      hub: this.hub,
      plugins: this.runner,
      faults: this.counted,
      admission: this.admission,
      folder: this.folder,
      origins: new MediaOrigins(["*"], "127.0.0.1"),
    });
  }

  async ask(path: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
    const request = new Request(`http://127.0.0.1:8080${path}`, { headers, ...init });
    const answer = await this.files.handle(request, { hostname: "192.0.2.7", port: 5000 });
    assert.ok(answer instanceof Response);
    return answer;
  }

  /** Nothing is left open. */
  settled(): void {
    assert.ok(this.folder.opened.every(({ closed }) => closed));
    assert.equal(this.files.sessions.size, 0);
    assert.equal(this.admission.size, 0);
  }
}
