/**
 * Reads what another server answers, as far as it may be.
 *
 * @module
 */

/** The text of an answer. @throws {Error} once it has more than `mostBytes`; the rest is not read */
export async function boundedText({ body }: Response, mostBytes: number): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > mostBytes) {
      reader.cancel().catch(() => {});
      throw new Error(`the answer has more than ${mostBytes} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}
