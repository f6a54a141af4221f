/**
 * The package `ws`, loaded without a look into the environment.
 *
 * @module
 */
import process from "node:process";
// Modules are evaluated in this order, and nothing else is in between.
import { environment } from "./ws_switches.ts";
import { WebSocketServer } from "ws";

process.env = environment;

export { WebSocketServer };
