/**
 * The streams of all nodes: each node is asked, and tells of those that it owns and those that it has from others.
 *
 * @module
 */
import type { Bus } from "../../ports.ts";
import { readObject } from "./name_entry.ts";

/** Streams in one answer: what NATS carries at once is bounded. */
export const SURVEY_PAGE = 200;
/** Longest answer that is read, in characters. */
const MAX_ANSWER = 2 ** 21;
/** Most streams that are put together. */
const MAX_STREAMS = 100_000;
/** How long the nodes have for an answer (ms). */
const ANSWER_MS = 1000;

/** A stream as a node shows it: of its members these are looked at. */
export interface SurveyedStream {
  readonly app: string;
  readonly name: string;
  readonly players: number;
}

/** What a node tells of one of its streams. */
export interface OwnStream<View extends SurveyedStream = SurveyedStream> {
  readonly view: View;
  /** Whether it has the stream from another node. */
  readonly pulled: boolean;
}

/** A stream of the cluster. */
export type ClusterStream<View extends SurveyedStream = SurveyedStream> = View & {
  /** The node that it is published at. */
  readonly node: string;
};

/** Answers a question of {@link survey}. */
export function answerSurvey(
  text: string,
  node: string,
  streams: readonly OwnStream[],
): string {
  const { offset } = readObject(text) ?? {};
  const from = typeof offset === "number" && offset >= 0 ? offset : 0;
  const page = streams.slice(from, from + SURVEY_PAGE);
  return JSON.stringify({ node, total: streams.length, streams: page });
}

/** Asks `nodes` nodes. Players are those of all nodes, without nodes themselves. */
export async function survey<View extends SurveyedStream>(
  bus: Bus,
  nodes: () => number,
): Promise<ClusterStream<View>[]> {
  const owned = new Map<string, ClusterStream<View>>();
  const elsewhere = new Map<string, { nodes: number; players: number }>();
  for (let offset = 0, more = true; more && offset < MAX_STREAMS; offset += SURVEY_PAGE) {
    more = false;
    let answers = 0;
    await bus.askAll("streams", JSON.stringify({ offset }), ANSWER_MS, (text) => {
      const { node, total, streams } = readObject(text, MAX_ANSWER) ?? {};
      if (typeof node !== "string" || !Array.isArray(streams)) return false;
      for (const one of streams) note<View>(node, one, owned, elsewhere);
      more ||= Number(total) > offset + SURVEY_PAGE;
      return ++answers >= nodes();
    });
  }
  return [...owned].map(([key, stream]) => {
    const others = elsewhere.get(key) ?? { nodes: 0, players: 0 };
    const players = Math.max(0, stream.players - others.nodes) + others.players;
    return { ...stream, players };
  });
}

function note<View extends SurveyedStream>(
  node: string,
  one: unknown,
  owned: Map<string, ClusterStream<View>>,
  elsewhere: Map<string, { nodes: number; players: number }>,
): void {
  const { view, pulled } = (one ?? {}) as Partial<OwnStream<View>>;
  if (typeof view?.app !== "string" || typeof view.name !== "string") return;
  const key = `${view.app}/${view.name}`;
  if (pulled !== true) return void owned.set(key, { ...view, node });
  const known = elsewhere.get(key) ?? { nodes: 0, players: 0 };
  elsewhere.set(key, { nodes: known.nodes + 1, players: known.players + view.players });
}
