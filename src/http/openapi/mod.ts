/**
 * The API as a document.
 *
 * @module
 */
export { openApiRoutes } from "./routes.ts";
