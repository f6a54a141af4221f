/**
 * The API as a document, and as types of clients.
 *
 * @module
 */
export { apiClient, type ApiSchema, type SluiceApi } from "./client.ts";
export { openApiDocument } from "./document.ts";
export { openApiRoutes } from "./routes.ts";
