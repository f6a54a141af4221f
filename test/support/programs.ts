/**
 * Tests that need a program which a machine may lack: they are skipped, and their names say why.
 *
 * @module
 */
import { spawnSync } from "node:child_process";

/** Programs, how to ask whether they work, and what to install. */
const PROGRAMS = {
  rtmpdump: { ask: ["rtmpdump", "-h"], install: "rtmpdump" },
  librtmp: {
    ask: ["sh", "-c", "rtmpdump -h && gst-inspect-1.0 --exists rtmpsink"],
    install: "rtmpdump gstreamer1.0-tools gstreamer1.0-plugins-bad",
  },
  ffmpegRtmpe: {
    ask: ["sh", "-c", 'test -n "$SLUICE_TEST_FFMPEG_RTMPE"'],
    install: "ffmpeg in version 6.1 or newer with OpenSSL, and name it in SLUICE_TEST_FFMPEG_RTMPE",
  },
  nats: { ask: ["nats-server", "--version"], install: "nats-server" },
  nginxRtmp: {
    ask: ["sh", "-c", "nginx -v && ls /usr/lib/nginx/modules/ngx_rtmp_module.so"],
    install: "nginx libnginx-mod-rtmp",
  },
  gstRtmp2: {
    ask: ["gst-inspect-1.0", "--exists", "rtmp2sink"],
    install: "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good " +
      "gstreamer1.0-plugins-bad",
  },
  gstQt: {
    ask: [
      "sh",
      "-c",
      "for it in qtmux vp8enc; do gst-inspect-1.0 --exists $it || exit 1; done",
    ],
    install: "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good",
  },
  gstTs: {
    ask: ["gst-inspect-1.0", "--exists", "tsdemux"],
    install: "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-bad",
  },
  chromium: {
    ask: [
      "sh",
      "-c",
      'test -n "$SLUICE_TEST_CHROMIUM" || command -v chromium || command -v chromium-browser || command -v google-chrome',
    ],
    install: "chromium",
  },
  gstHttp: {
    ask: ["sh", "-c", "gst-inspect-1.0 --exists souphttpsrc && gst-inspect-1.0 --exists flvdemux"],
    install: "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good",
  },
  gstHls: {
    ask: [
      "sh",
      "-c",
      "for it in souphttpsrc hlsdemux hlsdemux2 qtdemux tsdemux avdec_h264; do " +
      "gst-inspect-1.0 --exists $it || exit 1; done",
    ],
    install: "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good " +
      "gstreamer1.0-plugins-bad gstreamer1.0-libav",
  },
  vlc: {
    ask: ["sh", "-c", "command -v vlc && { test $(id -u) != 0 || command -v setpriv; }"],
    install: "vlc-bin vlc-plugin-base",
  },
  mpv: { ask: ["mpv", "--version"], install: "mpv" },
  tmpfs: {
    ask: ["unshare", "-Urm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"],
    install: "util-linux, on a kernel that lets users have namespaces",
  },
  openssl: { ask: ["openssl", "version"], install: "openssl" },
  promtool: { ask: ["promtool", "--version"], install: "prometheus" },
  prometheus: { ask: ["prometheus", "--version"], install: "prometheus" },
  haproxy: { ask: ["haproxy", "-v"], install: "haproxy" },
  nginxStream: {
    ask: ["sh", "-c", "nginx -v && ls /usr/lib/nginx/modules/ngx_stream_module.so"],
    install: "nginx libnginx-mod-stream",
  },
  netns: {
    ask: ["sh", "-c", "test $(id -u) = 0 && unshare -n ip link set lo up && curl --version"],
    install: "util-linux iproute2 curl, and be root",
  },
  netnsPrometheus: {
    ask: ["sh", "-c", "test $(id -u) = 0 && unshare -n ip link set lo up && promtool --version"],
    install: "util-linux iproute2 curl prometheus, and be root",
  },
  caddy: { ask: ["caddy", "version"], install: "caddy" },
  chroot: {
    ask: ["sh", "-c", "test $(id -u) = 0 && unshare -m chroot / true"],
    install: "util-linux, and be root",
  },
  systemdAnalyze: { ask: ["systemd-analyze", "--version"], install: "systemd" },
  curl: { ask: ["curl", "--version"], install: "curl" },
} as const;

function works([program, ...args]: readonly string[]): boolean {
  return spawnSync(program!, args, { stdio: "ignore" }).status === 0;
}

/**
 * Name and options of a test that needs a program: `test(...needs("rtmpdump", "..."), body)`.
 * Without the program the test is skipped, loudly: see the runner's report.
 */
export function needs(
  program: keyof typeof PROGRAMS,
  name: string,
): [name: string, options: { skip: boolean }] {
  const { ask, install } = PROGRAMS[program];
  if (works(ask)) return [name, { skip: false }];
  const what = ask[0] === "sh" ? program : ask.join(" ");
  return [`${name} [needs ${what}: apt-get install ${install}]`, { skip: true }];
}
