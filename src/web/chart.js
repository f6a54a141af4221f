/**
 * Line charts of the last minutes, as SVG.
 *
 * @module
 */
import { el, setText, svg } from "./dom.js";

/** Size in the units of the drawing. */
const WIDTH = 600;
const HEIGHT = 120;

/**
 * Points of a line; where there was nothing the line has a gap.
 *
 * @param {readonly number[]} values oldest first, 0 where there was nothing
 * @param {number} count how many fit into the width
 * @param {number} most the value at the top
 * @returns {string} the `d` of a path
 */
export function linePath(values, count, most) {
  let path = "";
  let pen = false;
  for (const [index, value] of values.entries()) {
    if (value <= 0) {
      pen = false;
      continue;
    }
    const x = WIDTH - (values.length - 1 - index) * WIDTH / (count - 1);
    const y = HEIGHT - 2 - value / most * (HEIGHT - 8);
    path += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  }
  return path;
}

/**
 * A round figure that is not below `value`, for the top of a chart.
 *
 * @param {number} value
 */
export function roundUp(value) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return (/** @type {number} */ ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) =>
    step * unit >= value
  ))) * unit;
}

/**
 * What a line shows, for who cannot see it.
 *
 * @param {string} label
 * @param {readonly number[]} values
 * @param {(value: number) => string} format
 */
export function describeLine(label, values, format) {
  const there = values.filter((value) => value > 0);
  if (there.length === 0) return `${label}: nothing measured yet`;
  const now = values.at(-1) ?? 0;
  const [least, most] = [Math.min(...there), Math.max(...there)];
  return `${label}: now ${now > 0 ? format(now) : "nothing"}, between ${format(least)} and ${
    format(most)
  }`;
}

/** @typedef {{ label: string, colour: "video" | "audio", values: readonly number[] }} Line */

/** A chart with its legend. */
export class Chart {
  element;
  #format;
  #count;
  #top = el("span", { class: "top", "aria-hidden": "true" });
  #legend = el("ul", { class: "legend" });
  /** @type {SVGPathElement[]} */
  #paths = [];
  /** @type {HTMLElement[]} */
  #texts = [];
  #svg;

  /**
   * @param {string} title
   * @param {number} count samples that fit
   * @param {(value: number) => string} format
   * @param {readonly Pick<Line, "label" | "colour">[]} lines
   */
  constructor(title, count, format, lines) {
    this.#format = format;
    this.#count = count;
    this.#paths = lines.map(({ colour }) => svg("path", { class: `line ${colour}` }));
    this.#texts = lines.map(() => el("span"));
    this.#legend.append(...lines.map(({ colour }, index) =>
      el(
        "li",
        {},
        el("span", { class: `key ${colour}`, "aria-hidden": "true" }),
        this.#texts[index],
      )
    ));
    this.#svg = svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("path", { class: "grid", d: `M0 6H${WIDTH}M0 ${HEIGHT / 2 + 2}H${WIDTH}` }),
      ...this.#paths,
    );
    this.element = el(
      "figure",
      { class: "chart" },
      el("figcaption", {}, title),
      el("div", { class: "plot" }, this.#svg, this.#top),
      this.#legend,
    );
  }

  /** @param {readonly Line[]} lines */
  update(lines) {
    const most = roundUp(Math.max(1, ...lines.flatMap(({ values }) => values)));
    setText(this.#top, this.#format(most));
    for (const [index, { label, values }] of lines.entries()) {
      this.#paths[index].setAttribute("d", linePath(values, this.#count, most));
      setText(this.#texts[index], describeLine(label, values, this.#format));
    }
  }
}

/** A line without anything beside it, for lists. */
export class Sparkline {
  element;
  #path = svg("path", { class: "line video" });

  constructor() {
    this.element = svg(
      "svg",
      {
        class: "spark",
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      this.#path,
    );
  }

  /**
   * @param {readonly number[]} values
   * @param {number} count
   */
  update(values, count) {
    this.#path.setAttribute("d", linePath(values, count, Math.max(1, ...values) * 1.1));
  }
}
