/**
 * nginx with the RTMP module of Roman Arutyunyan, one worker.
 *
 * @module
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { run } from "../../tools/command.ts";
import type { BenchServer, FoundServer } from "./server.ts";

/** Where distributions put the module. */
const MODULES = [
  "/usr/lib/nginx/modules/ngx_rtmp_module.so",
  "/usr/lib64/nginx/modules/ngx_rtmp_module.so",
  "/usr/local/libexec/nginx/ngx_rtmp_module.so",
  "/opt/homebrew/lib/nginx/modules/ngx_rtmp_module.so",
];

const CURE = "apt-get install nginx libnginx-mod-rtmp";

/**
 * Writes its configuration. With a port for HTTP it makes HLS of every stream, in segments of the
 * length of a GOP of the load and in a folder of its own, and serves those files as they are.
 */
function configure(work: string, port: number, httpPort = 0): string {
  const module = MODULES.find(existsSync);
  // Without a module file it may be compiled in.
  const load = module === undefined ? "" : `load_module ${module};\n`;
  // The folder is of whoever runs this, which a worker of another user could not enter.
  const user = process.getuid?.() === 0 ? "user root;\n" : "";
  const file = join(work, "nginx.conf");
  const segments = join(work, "hls");
  const hls = httpPort === 0 ? "" : ` hls on; hls_path ${segments}; hls_fragment 2s;`;
  const http = httpPort === 0 ? "" : `
http {
  access_log off;
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  sendfile on;
  server { listen 127.0.0.1:${httpPort}; location /hls { root ${work}; } }
}
`;
  writeFileSync(
    file,
    `${load}${user}daemon off;
worker_processes 1;
worker_rlimit_nofile 32768;
error_log stderr error;
pid ${join(work, "nginx.pid")};
events { worker_connections 8192; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application live { live on;${hls} }
  }
}
${http}`,
  );
  return file;
}

async function find(): Promise<FoundServer> {
  const { code, output, failure } = await run("nginx", ["-v"]);
  const version = /nginx\/(\S+)/.exec(output)?.[1];
  if (code !== 0 || version === undefined) {
    throw new Error(`nginx was not found (${failure ?? output.trim()}): ${CURE}`);
  }
  const work = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    const test = await run("nginx", ["-t", "-p", work, "-c", configure(work, 0)]);
    if (test.code !== 0 && /unknown directive "rtmp"/.test(test.output)) {
      throw new Error(`nginx ${version} has no RTMP module: ${CURE}`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const query = ["-W", "-f", "${Version}", "libnginx-mod-rtmp"];
  const module = await run("dpkg-query", query);
  const moduleVersion = module.code === 0 ? module.output.replace(/^\d+:|\+.*$/g, "") : "?";
  return {
    about: `nginx-rtmp ${moduleVersion} in nginx ${version}, 1 worker`,
    command: ({ port, httpPort, work }) => ({
      program: "nginx",
      args: ["-p", work, "-c", configure(work, port, httpPort)],
    }),
  };
}

/** nginx-rtmp, which the ratios refer to. */
export const nginxRtmp: BenchServer = {
  name: "nginx-rtmp",
  ways: ["rtmp", "hls"],
  playlist: "/hls/NAME.m3u8",
  find,
};
