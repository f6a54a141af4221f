/**
 * Uploads finished recordings to S3 or what is compatible with it, one after the other, and removes them
 * here when told to. Set by the environment:
 *
 * - `SLUICE_PLUGIN_S3_URL`: the bucket, such as `https://s3.example/recordings`, with a prefix behind it if wanted
 * - `SLUICE_PLUGIN_S3_ACCESS_KEY`, `SLUICE_PLUGIN_S3_SECRET_KEY`
 * - `SLUICE_PLUGIN_S3_REGION`: `us-east-1` if left out
 * - `SLUICE_PLUGIN_S3_REMOVE`: `true` removes a file here once it is there
 *
 * What cannot be uploaded stays in the folder.
 *
 * @module
 */
import { AwsClient } from "aws4fetch";
import {
  definePlugin,
  type PluginFactory,
  type PluginServer,
  type RecordedContext,
  type RecordedFile,
} from "../src/plugin/api.ts";

/** Largest piece that is in memory at once (bytes); S3 takes none below 5 MiB but the last. */
const PART_BYTES = 8 * 1024 * 1024;

/** Most parts of a file that S3 takes. */
const MAX_PARTS = 10_000;

/** Files that wait for their turn; over that they stay where they are. */
const MAX_QUEUE = 1_000;

/** How often a request is tried, and how long is waited before the second time (ms), then twice as long. */
const ATTEMPTS = 8;
const RETRY_MS = 1_000;

/** Longest time of one request (ms). */
const REQUEST_MS = 120_000;

/** Where files go. */
export interface UploadOptions {
  /** The bucket, with a prefix behind it if wanted. */
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region?: string | undefined;
  /** Whether a file is removed here once it is there. */
  readonly remove?: boolean;
  /** Largest piece (bytes), for tests. */
  readonly partBytes?: number;
  /** How long is waited before a request is tried again (ms), for tests. */
  readonly retryMs?: number;
  /** Is told what becomes of files. */
  readonly log?: (line: string) => void;
}

/** Makes the plugin. */
export function uploadRecordings(options: UploadOptions) {
  const { url, region = "us-east-1", remove = false, log = console.log } = options;
  const { partBytes = PART_BYTES, retryMs = RETRY_MS } = options;
  const base = url.replace(/\/+$/, "");
  const client = new AwsClient({ ...options, region, service: "s3", retries: 0 });
  const queue: RecordedContext[] = [];
  let server: PluginServer | undefined;
  let stopped = new AbortController();
  let working: Promise<void> | undefined;

  /** One request, again if the network or the server fails. */
  async function send(
    method: string,
    target: string,
    body?: Uint8Array | string,
  ): Promise<Response> {
    for (let attempt = 1;; attempt++) {
      let problem: string;
      try {
        const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(REQUEST_MS)]);
        const request = await client.sign(target, {
          method,
          ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> | string }),
        });
        const response = await fetch(request, { signal });
        if (response.ok) return response;
        problem = `${response.status} ${(await response.text()).slice(0, 200)}`;
        // What is wrong with the request stays wrong.
        const isFinal = response.status < 500 && ![408, 429].includes(response.status);
        if (isFinal) attempt = ATTEMPTS;
      } catch (error) {
        problem = String(error);
      }
      if (attempt >= ATTEMPTS || stopped.signal.aborted) throw new Error(problem);
      await pause(Math.min(60_000, retryMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2));
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      stopped.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), {
        once: true,
      });
    });
  }

  async function upload(source: RecordedFile, target: string): Promise<void> {
    const { size } = source;
    if (size <= partBytes) {
      await (await send("PUT", target, await read(source, 0, size))).body?.cancel();
      return;
    }
    const part = Math.max(partBytes, Math.ceil(size / MAX_PARTS));
    const begun = await (await send("POST", `${target}?uploads`)).text();
    const id = encodeURIComponent(/<UploadId>([^<]+)</.exec(begun)?.[1] ?? "");
    if (id === "") throw new Error("There is no UploadId in the answer");
    try {
      let parts = "";
      for (let at = 0, number = 1; at < size; at += part, number++) {
        const body = await read(source, at, Math.min(part, size - at));
        const sent = await send("PUT", `${target}?partNumber=${number}&uploadId=${id}`, body);
        await sent.body?.cancel();
        const tag = sent.headers.get("ETag") ?? "";
        parts += `<Part><PartNumber>${number}</PartNumber><ETag>${tag}</ETag></Part>`;
      }
      const all = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
      const done = await (await send("POST", `${target}?uploadId=${id}`, all)).text();
      // It may have failed behind the beginning of the answer.
      if (done.includes("<Error>")) throw new Error(done.slice(0, 200));
    } catch (error) {
      await send("DELETE", `${target}?uploadId=${id}`).catch(() => {});
      throw error;
    }
  }

  async function work(to: PluginServer): Promise<void> {
    for (let file = queue.shift()?.file; file !== undefined; file = queue.shift()?.file) {
      try {
        const source = await to.openRecording(file);
        // It was removed meanwhile, as by its age.
        if (source === undefined) continue;
        try {
          await upload(source, `${base}/${file.split("/").map(encodeURIComponent).join("/")}`);
        } finally {
          await source.close();
        }
        if (remove) await to.removeRecording(file);
        log(`uploaded ${file}${remove ? " and removed it here" : ""}`);
      } catch (error) {
        log(`could not upload ${file}: ${error instanceof Error ? error.message : error}`);
      }
      if (stopped.signal.aborted) return;
    }
  }

  function next(): void {
    if (server === undefined || working !== undefined || queue.length === 0) return;
    working = work(server).finally(() => {
      working = undefined;
      if (!stopped.signal.aborted) next();
    });
  }

  return definePlugin({
    name: "upload_recordings",
    start(given) {
      server = given;
      stopped = new AbortController();
      next();
    },
    onRecorded(context) {
      if (queue.length >= MAX_QUEUE) return log(`too many wait to be uploaded: ${context.file}`);
      queue.push(context);
      next();
    },
    async stop() {
      server = undefined;
      stopped.abort(new Error("the server stops"));
      await working;
      if (queue.length > 0) log(`${queue.length} recordings are left here`);
      queue.length = 0;
    },
  });
}

async function read(source: RecordedFile, at: number, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  if (await source.read(bytes, at) < size) throw new Error("The file became shorter");
  return bytes;
}

/** Makes the plugin of what the environment says. @throws {Error} when something is not set */
const fromEnvironment: PluginFactory = (env) => {
  const need = (name: string) => {
    const value = env[`SLUICE_PLUGIN_S3_${name}`];
    if (!value) throw new Error(`SLUICE_PLUGIN_S3_${name} is not set`);
    return value;
  };
  return uploadRecordings({
    url: need("URL"),
    accessKeyId: need("ACCESS_KEY"),
    secretAccessKey: need("SECRET_KEY"),
    region: env.SLUICE_PLUGIN_S3_REGION,
    remove: env.SLUICE_PLUGIN_S3_REMOVE === "true",
  });
};
export default fromEnvironment;
