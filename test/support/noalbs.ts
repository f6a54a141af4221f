/**
 * What NOALBS, which switches scenes by the bit rate of a stream, makes of nginx's statistics: members
 * that it needs, and its rules. Written from what it does.
 *
 * @module
 */
import assert from "node:assert/strict";
import { childrenOf, parseXml, textIn, type XmlNode } from "./xml.ts";

/** Kilobits per second (of 1024) at and below which it switches. */
export interface Triggers {
  readonly low: number;
  readonly offline: number;
}

function number(node: XmlNode, name: string, form = /^\d+$/): number {
  const text = textIn(node, name);
  assert.match(text ?? "", form, name);
  return Number(text);
}

/** The scene that it switches to. */
export function noalbs(
  text: string,
  application: string,
  key: string,
  { low, offline }: Triggers,
): "normal" | "low" | "offline" | "previous" {
  const [server] = childrenOf(parseXml(text), "server");
  const applications = childrenOf(server!, "application");
  assert.ok(applications.length > 0, "it reads no document without applications");
  const streams = applications.flatMap((app) => {
    assert.notEqual(textIn(app, "name"), undefined);
    const [live] = childrenOf(app, "live");
    const all = childrenOf(live!, "stream");
    for (const stream of all) check(stream);
    return textIn(app, "name") === application ? all : [];
  });
  const stream = streams.findLast((stream) => textIn(stream, "name") === key);
  if (stream === undefined) return "offline";
  const bitrate = Math.floor(number(stream, "bw_video") / 1024);
  if (bitrate > 0 && bitrate <= offline) return "offline";
  if (bitrate === 0) return "previous";
  return bitrate <= low ? "low" : "normal";
}

/** Whatever is not of the type it expects makes it read nothing at all. */
function check(stream: XmlNode): void {
  assert.ok(number(stream, "bw_video") < 2 ** 32);
  for (const meta of childrenOf(stream, "meta")) {
    const [video] = childrenOf(meta, "video");
    assert.equal(childrenOf(meta, "audio").length, 1);
    number(video!, "width");
    number(video!, "height");
    number(video!, "frame_rate", /^\d+(\.\d+)?$/);
    assert.notEqual(textIn(video!, "codec"), undefined);
    if (textIn(video!, "compat") !== undefined) number(video!, "compat");
    if (textIn(video!, "level") !== undefined) number(video!, "level", /^\d+(\.\d+)?$/);
  }
}
