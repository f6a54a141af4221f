/**
 * The program with bounds that no operator turns: the first argument has them as JSON, the others are
 * those of the program.
 *
 * @module
 */
import process from "node:process";
import { main } from "../../src/program/main.ts";

const [tuning, ...argv] = process.argv.slice(2);
await main(argv, JSON.parse(tuning!));
