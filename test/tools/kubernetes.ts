/**
 * The kinds of Kubernetes that `deploy/` has, with the members that it uses and no others.
 *
 * @module
 */
import * as v from "valibot";

/** A name of one label [RFC 1123]. */
const name = v.pipe(v.string(), v.regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/));
/** Names of ports have 15 letters at most [RFC 6335]. */
const portName = v.pipe(name, v.maxLength(15));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1));
const quantity = v.pipe(v.string(), v.regex(/^\d+(?:m|[KMG]i)?$/));
const labels = v.record(name, name);

const env = v.union([
  v.strictObject({ name: v.string(), value: v.string() }),
  v.strictObject({
    name: v.string(),
    value: v.optional(v.never()),
    valueFrom: v.strictObject({ secretKeyRef: v.strictObject({ name, key: name }) }),
  }),
]);

const container = v.strictObject({
  name,
  image: v.string(),
  args: v.array(v.string()),
  env: v.array(env),
  ports: v.array(v.strictObject({ name: portName, containerPort: port })),
  readinessProbe: v.strictObject({
    httpGet: v.strictObject({ path: v.string(), port: portName }),
    periodSeconds: seconds,
  }),
  livenessProbe: v.strictObject({
    tcpSocket: v.strictObject({ port: portName }),
    periodSeconds: seconds,
  }),
  resources: v.strictObject({
    requests: v.strictObject({ cpu: quantity, memory: quantity }),
    limits: v.strictObject({ memory: quantity }),
  }),
  securityContext: v.strictObject({
    allowPrivilegeEscalation: v.literal(false),
    readOnlyRootFilesystem: v.literal(true),
    capabilities: v.strictObject({ drop: v.tuple([v.literal("ALL")]) }),
  }),
  volumeMounts: v.array(v.strictObject({ name, mountPath: v.string() })),
});

const pod = v.strictObject({
  terminationGracePeriodSeconds: seconds,
  automountServiceAccountToken: v.literal(false),
  securityContext: v.strictObject({
    runAsNonRoot: v.literal(true),
    runAsUser: v.number(),
    runAsGroup: v.number(),
    fsGroup: v.number(),
    seccompProfile: v.strictObject({ type: v.literal("RuntimeDefault") }),
  }),
  containers: v.array(container),
  volumes: v.array(v.strictObject({
    name,
    emptyDir: v.strictObject({ sizeLimit: quantity, medium: v.optional(v.literal("Memory")) }),
  })),
});

/** `apps/v1`, `Deployment`. */
export const Deployment = v.strictObject({
  apiVersion: v.literal("apps/v1"),
  kind: v.literal("Deployment"),
  metadata: v.strictObject({ name, labels }),
  spec: v.strictObject({
    replicas: v.literal(1),
    strategy: v.strictObject({ type: v.literal("Recreate") }),
    selector: v.strictObject({ matchLabels: labels }),
    template: v.strictObject({ metadata: v.strictObject({ labels }), spec: pod }),
  }),
});

/** `v1`, `Service`. */
export const Service = v.strictObject({
  apiVersion: v.literal("v1"),
  kind: v.literal("Service"),
  metadata: v.strictObject({ name }),
  spec: v.strictObject({
    type: v.optional(v.picklist(["ClusterIP", "LoadBalancer"])),
    externalTrafficPolicy: v.optional(v.literal("Local")),
    selector: labels,
    ports: v.array(v.strictObject({
      name: portName,
      protocol: v.literal("TCP"),
      port,
      targetPort: portName,
    })),
  }),
});
