/**
 * The API as a document.
 *
 * @module
 */
export { openApiDocument } from "./document.ts";
export { openApiRoutes } from "./routes.ts";
