/**
 * Players of one stream that read all they are sent, over RTMP or RTMPS, in a process of their own.
 *
 *     deno run -A bench/relay_players.ts URL COUNT [CA_FILE]
 *
 * Prints a line once all of them play, and goes on until it is ended.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect } from "../src/client/mod.ts";

const [url = "", count = "1", caFile] = process.argv.slice(2);
const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, "utf8") };

for (let index = 0; index < Number(count); index++) {
  const client = await connect(url, { ...ca, fourCcs: [] });
  const reader = (await client.play()).getReader();
  await reader.read();
  const read = async () => {
    while (!(await reader.read()).done);
  };
  read().catch((error) => {
    console.error(String(error));
    process.exit(1);
  });
}
console.log("playing");
