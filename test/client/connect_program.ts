/**
 * Connects to the URL it is given, says so and leaves; a program of its own because it has only some
 * of Deno's permissions.
 *
 * @module
 */
import process from "node:process";
import { connect } from "../../src/client/mod.ts";

try {
  await using _client = await connect(process.argv[2]!);
  console.log("connected");
} catch (error) {
  console.log((error as Error).message);
}
