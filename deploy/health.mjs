// Says by its exit code whether the server of this container takes clients: HEALTHCHECK in images that
// have no other program than the runtime.
import process from "node:process";

const port = process.env.SLUICE_HTTP_PORT ?? "8080";
const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
process.exit(answer?.ok === true ? 0 : 1);
