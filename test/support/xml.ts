/**
 * Reads the simple XML of statistics: elements with text, no attributes.
 *
 * @module
 */
import assert from "node:assert/strict";

/** An element. */
export interface XmlNode {
  readonly name: string;
  readonly children: XmlNode[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

/** The root element. */
export function parseXml(text: string): XmlNode {
  const top: XmlNode = { name: "", children: [], text: "" };
  const open = [top];
  const body = text.replace(/^<\?xml [^?]*\?>/, "");
  for (const [, closing, name, empty, plain] of body.matchAll(/<(\/?)(\w+)(\/?)>|([^<]+)/g)) {
    const inner = open.at(-1)!;
    if (name === undefined) {
      inner.text += plain!.replace(/&(\w+);/g, (_, entity: string) => ENTITIES[entity]!);
    } else if (closing !== "") {
      assert.equal(open.pop()!.name, name);
    } else {
      const node = { name, children: [], text: "" };
      inner.children.push(node);
      if (empty === "") open.push(node);
    }
  }
  assert.equal(open.length, 1, "every element is closed");
  assert.equal(top.children.length, 1);
  return top.children[0]!;
}

/** The elements of a name in an element. */
export function childrenOf(node: XmlNode, name: string): XmlNode[] {
  return node.children.filter((child) => child.name === name);
}

/** The text of the only element of a name. */
export function textIn(node: XmlNode, name: string): string | undefined {
  return childrenOf(node, name)[0]?.text;
}

/** Where elements are, such as `rtmp/server/application`. */
export function pathsOf(node: XmlNode, above = ""): Set<string> {
  const path = above + node.name;
  return new Set([path, ...node.children.flatMap((child) => [...pathsOf(child, `${path}/`)])]);
}
