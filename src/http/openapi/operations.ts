/**
 * Every operation of the API, once: the document of OpenAPI is made of these, and
 * the schemas are those that requests are checked with.
 *
 * @module
 */
import * as v from "valibot";
import { RecordOptionsShape } from "../../plugin/mod.ts";
import { PageQuery, RelaysQuery, SessionsQuery, StreamsQuery } from "../page.ts";
import { RelayBody } from "../relays.ts";
import { CallBody, ReconnectBody } from "../sessions.ts";
import { DataBody } from "../streams.ts";
import { Health, Recording, Relay, Reloaded, Session, Stream } from "./views.ts";

/** An operation. Its path is below the base, with parameters as Hono writes them. */
export interface Operation {
  readonly id: string;
  readonly method: "get" | "post" | "delete";
  readonly path: string;
  readonly summary: string;
  readonly query?: v.GenericSchema;
  /** The body; `optional` where it may be left out. */
  readonly body?: v.GenericSchema;
  /** The status of success, and what it answers: JSON by a schema, or another media type. */
  readonly status: number;
  readonly answer?: v.GenericSchema | string;
  /** Status codes of errors, beside those that any request may get. */
  readonly errors: readonly number[];
}

const total = v.number();
const Streams = v.strictObject({ streams: v.array(Stream), total });
const Sessions = v.strictObject({ sessions: v.array(Session), total });
const Recordings = v.strictObject({ recordings: v.array(Recording), total });
const Relays = v.strictObject({ relays: v.array(Relay), total });

/** The operations. */
export const OPERATIONS = [
  {
    id: "listStreams",
    method: "get",
    path: "/streams",
    summary: "Lists the streams, oldest first.",
    query: StreamsQuery,
    status: 200,
    answer: Streams,
    errors: [400],
  },
  {
    id: "getStream",
    method: "get",
    path: "/streams/:app/:name",
    summary: "Shows a stream. The application may have slashes, escaped or not.",
    status: 200,
    answer: Stream,
    errors: [404],
  },
  {
    id: "endStream",
    method: "delete",
    path: "/streams/:app/:name",
    summary: "Takes a stream from its publisher.",
    status: 204,
    errors: [404],
  },
  {
    id: "sendData",
    method: "post",
    path: "/streams/:app/:name/data",
    summary: "Sends a data message to the players of a stream.",
    body: DataBody,
    status: 204,
    errors: [400, 404],
  },
  {
    id: "listSessions",
    method: "get",
    path: "/sessions",
    summary: "Lists who is connected.",
    query: SessionsQuery,
    status: 200,
    answer: Sessions,
    errors: [400],
  },
  {
    id: "endSession",
    method: "delete",
    path: "/sessions/:id",
    summary: "Closes a session.",
    status: 204,
    errors: [404],
  },
  {
    id: "callClient",
    method: "post",
    path: "/sessions/:id/call",
    summary: "Calls a method of a client. Without `answer` it is 204.",
    body: CallBody,
    status: 200,
    answer: v.object({ kind: v.picklist(["result", "error"]), value: v.unknown() }),
    errors: [400, 404, 503, 504],
  },
  {
    id: "reconnectSession",
    method: "post",
    path: "/sessions/:id/reconnect",
    summary: "Asks a client to connect again, here or elsewhere.",
    body: ReconnectBody,
    status: 204,
    errors: [400, 404, 409],
  },
  {
    id: "reconnectAll",
    method: "post",
    path: "/sessions/reconnect",
    summary: "Asks all clients that follow such a request to connect again.",
    body: ReconnectBody,
    status: 200,
    answer: v.strictObject({ asked: v.number() }),
    errors: [400],
  },
  {
    id: "listRecordings",
    method: "get",
    path: "/recordings",
    summary: "Lists recordings: those under way, then files, newest first.",
    query: PageQuery,
    status: 200,
    answer: Recordings,
    errors: [400, 409],
  },
  {
    id: "removeRecording",
    method: "delete",
    path: "/recordings",
    summary: "Removes a finished file.",
    query: v.object({ file: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)) }),
    status: 204,
    errors: [400, 404, 409],
  },
  {
    id: "listRecordingsOf",
    method: "get",
    path: "/recordings/:app/:name",
    summary: "Lists the recordings of a stream.",
    query: PageQuery,
    status: 200,
    answer: Recordings,
    errors: [400, 409],
  },
  {
    id: "startRecording",
    method: "post",
    path: "/recordings/:app/:name",
    summary: "Records a live stream from now on.",
    body: RecordOptionsShape,
    status: 201,
    answer: v.strictObject({ app: v.string(), name: v.string() }),
    errors: [400, 404, 409],
  },
  {
    id: "stopRecording",
    method: "delete",
    path: "/recordings/:app/:name",
    summary: "Ends the recordings of a stream.",
    status: 204,
    errors: [404],
  },
  {
    id: "listRelays",
    method: "get",
    path: "/relays",
    summary: "Lists targets that streams are pushed to, and sources that they are pulled from.",
    query: RelaysQuery,
    status: 200,
    answer: Relays,
    errors: [400],
  },
  {
    id: "startRelay",
    method: "post",
    path: "/relays",
    summary: "Pushes a stream to another server whenever it is live.",
    body: RelayBody,
    status: 201,
    answer: Relay,
    errors: [400, 503],
  },
  {
    id: "endRelay",
    method: "delete",
    path: "/relays/:id",
    summary: "Ends a target.",
    status: 204,
    errors: [404],
  },
  {
    id: "getHealth",
    method: "get",
    path: "/health",
    summary: "Shows how the server is; 503 with the same while it drains.",
    status: 200,
    answer: Health,
    errors: [],
  },
  {
    id: "reload",
    method: "post",
    path: "/reload",
    summary:
      "Reads the configuration and the plugins again; 409 when something is wrong with them.",
    status: 200,
    answer: Reloaded,
    errors: [409],
  },
  {
    id: "readEvents",
    method: "get",
    path: "/events",
    summary:
      "Sends what happens as server-sent events; `Last-Event-ID` goes on behind one of them.",
    query: v.object({ types: v.optional(v.string()), after: v.optional(v.string()) }),
    status: 200,
    answer: "text/event-stream",
    errors: [400, 503],
  },
  {
    id: "readState",
    method: "get",
    path: "/state",
    summary: "Sends the whole server every two seconds as server-sent events.",
    status: 200,
    answer: "text/event-stream",
    errors: [503],
  },
] as const satisfies readonly Operation[];
