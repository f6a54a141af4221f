/**
 * HTTP Live Streaming without input and output: what playlists list, when, and as which text.
 *
 * @module
 */
export {
  type PlaylistOptions,
  type RenditionReport,
  writeMediaPlaylist,
} from "./media_playlist.ts";
export {
  type AudioRendition,
  type Variant,
  writeMultivariantPlaylist,
} from "./multivariant_playlist.ts";
export {
  MIN_PART_SHARE,
  type PartPlan,
  planParts,
  TICKS_PER_SECOND,
  usualDuration,
} from "./part_plan.ts";
export {
  advancePartLimit,
  type Directives,
  NO_DIRECTIVES,
  parseDirectives,
  type ReloadState,
  reloadState,
} from "./reload.ts";
export {
  MediaWindow,
  type Part,
  type Segment,
  type SegmentStart,
  type WindowLimits,
} from "./window.ts";
export { endsAtKey, isTooLong, planSegments, type SegmentPlan } from "./cutter.ts";
export {
  HlsPackager,
  mostSegments,
  type PackagedRendition,
  type PackagerOptions,
  type PackagerPorts,
  START_MS,
} from "./packager.ts";
export {
  HlsRendition,
  type PartEncoder,
  type RenditionNames,
  type TrackSamples,
} from "./rendition.ts";
export { FileNames } from "./file_names.ts";
