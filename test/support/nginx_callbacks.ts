/**
 * nginx with its RTMP module that calls an endpoint, for tests of who calls it in the same way.
 *
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { until } from "./deadline.ts";
import { TestProcess } from "./process.ts";

const MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

/** Directives that belong to an application. */
const OF_APPLICATION = [
  ...["on_publish", "on_play", "on_publish_done", "on_play_done", "on_done"],
  ...["on_update", "on_record_done"],
];

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** A running nginx with the application `live`, which it records. Use it with `await using`. */
export class CallingNginx implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #work: string;
  /** Where it takes RTMP. */
  readonly port: number;

  private constructor(process: TestProcess, work: string, port: number) {
    this.#process = process;
    this.#work = work;
    this.port = port;
  }

  /** Starts it; `url` tells where each directive calls. */
  static async start(url: (call: string) => string): Promise<CallingNginx> {
    let port = 0;
    do port = 20_000 + Math.floor(Math.random() * 12_000); while (await answers(port));
    const work = mkdtempSync(join(tmpdir(), "sluice-nginx-"));
    mkdirSync(join(work, "recordings"));
    const directive = (call: string) => `${call} ${url(call)};`;
    const file = join(work, "nginx.conf");
    writeFileSync(
      file,
      `${existsSync(MODULE) ? `load_module ${MODULE};` : ""}
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
error_log stderr error;
pid ${join(work, "nginx.pid")};
events {}
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    ${["on_connect", "on_disconnect"].map(directive).join(" ")}
    application live {
      live on;
      record all;
      record_path ${join(work, "recordings")};
      notify_update_timeout 1s;
      ${OF_APPLICATION.map(directive).join("\n      ")}
    }
  }
}
`,
    );
    const nginx = new TestProcess("nginx", ["-p", work, "-c", file]);
    const started = new CallingNginx(nginx, work, port);
    await until(() => answers(port), "nginx listens");
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its worker ends with it only when it is asked.
    this.#process.signal("SIGTERM");
    await this.#process.ended();
    rmSync(this.#work, { recursive: true, force: true });
  }
}
