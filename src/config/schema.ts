/**
 * Every setting of Sluice, once, by section. Flags, environment names, file keys, the help, the table
 * in the documents, the interfaces in `config.ts`, defaults and checks are all derived from this.
 *
 * @module
 */
import type * as v from "valibot";
import type { Config } from "./config.ts";
import type { AppConfig } from "./stream_sections.ts";
import { general } from "./sections/general.ts";
import { cluster } from "./sections/cluster.ts";
import { hls } from "./sections/hls.ts";
import { api, http } from "./sections/http.ts";
import { max, media } from "./sections/limits.ts";
import { app, gopCache, play } from "./sections/play.ts";
import { dashboard, player } from "./sections/pages.ts";
import { call, hook } from "./sections/plugins.ts";
import { log, shutdown } from "./sections/process.ts";
import { metrics } from "./sections/metrics.ts";
import { publish, reconnect } from "./sections/publish.ts";
import { proxy } from "./sections/proxy.ts";
import { record } from "./sections/record.ts";
import { relay } from "./sections/relay.ts";
import { rtmfp } from "./sections/rtmfp.ts";
import { rtmp } from "./sections/rtmp.ts";
import { rtmps, tls } from "./sections/tls.ts";
import { sharedObjects } from "./sections/shared_objects.ts";

/** The sections by key, in the order in which the help shows them. */
const sections = {
  rtmp,
  rtmps,
  rtmfp,
  http,
  tls,
  proxy,
  api,
  metrics,
  dashboard,
  player,
  publish,
  reconnect,
  play,
  gopCache,
  hls,
  record,
  relay,
  cluster,
  media,
  sharedObjects,
  hook,
  call,
  max,
  shutdown,
  log,
};

/** The schema of the configuration. */
export const schema = { general, sections, app };

/** Most applications that may have a section of their own. */
export const MAX_APPS = 100;

/** Name of an application in `apps`: what stands before `=` in a flag must not contain one. */
export const APP_NAME = /^[^=\s]{1,512}$/;

type ValuesOf<S extends { readonly entries: Readonly<Record<string, v.GenericSchema>> }> = {
  readonly [K in keyof S["entries"]]: v.InferOutput<S["entries"][K]>;
};

/** What the schema makes of a configuration; has to fit the interfaces that people read. */
export type SchemaOutput =
  & ValuesOf<typeof general>
  & {
    readonly [S in keyof typeof sections]: ValuesOf<typeof sections[S]>;
  }
  & { readonly apps: Readonly<Record<string, Partial<ValuesOf<typeof app>>>> };

/** Fails to compile where the interfaces in `config.ts` are not those of the schema. */
export type Fits = [
  SchemaOutput extends Config ? true : never,
  keyof Config extends keyof SchemaOutput ? true : never,
  ValuesOf<typeof app> extends AppConfig ? true : never,
];
const fits: Fits = [true, true, true];
void fits;
