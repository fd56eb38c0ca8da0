import { z } from 'zod';

/** Nothing at all where it is empty: that is how the provider says so. */
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const containerSchema = z.object({
  name: z.string(),
  hostname: z.string(),
  image: z.string(),
  user: z.string(),
  command: list(z.string()),
  entrypoint: list(z.string()),
  env: list(z.string()),
  init: z.boolean(),
  restart: z.string(),
  /** MiB. */
  memory: z.number(),
  security_opts: list(z.string()),
  capabilities: list(z.object({ drop: list(z.string()) })),
  log_driver: z.string(),
  log_opts: z.record(z.string(), z.string()),
  stop_signal: z.string(),
  /** Seconds. */
  stop_timeout: z.number(),
  labels: list(z.object({ label: z.string(), value: z.string() })),
  networks_advanced: list(z.object({ name: z.string() })),
  ports: list(z.object({ internal: z.number(), external: z.number(), ip: z.string() })),
  volumes: list(
    z.object({
      container_path: z.string(),
      volume_name: z.string(),
      host_path: z.string(),
    }),
  ),
  upload: list(z.object({ file: z.string(), content: z.string(), source: z.string() })),
  healthcheck: list(
    z.object({
      test: list(z.string()),
      interval: z.string(),
      timeout: z.string(),
      start_period: z.string(),
      retries: z.number(),
    }),
  ),
});

const stateSchema = z.object({
  version: z.literal(4),
  resources: z.array(
    z.object({
      module: z.string().default(''),
      type: z.string(),
      name: z.string(),
      instances: z.array(
        z.object({ attributes: z.unknown(), dependencies: z.array(z.string()).default([]) }),
      ),
    }),
  ),
});

const imageSchema = z.object({ image_id: z.string(), name: z.string() });

/** A container as Terraform made it; attributes have the names that the provider gives them. */
export interface StatedContainer extends z.infer<typeof containerSchema> {
  /** Label `org.provehouse.component`. */
  readonly component: string;
  /** Label `org.provehouse.kind`. */
  readonly kind: string;
  /** Reference of the image, by which `image` is its id. */
  readonly reference: string;
  /** Components that must be healthy, or jobs that must have ended, before this one starts. */
  readonly after: readonly string[];
}

/** The containers in the text of a state of the platform's modules. @throws ZodError for another text */
export function statedContainers(text: string): StatedContainer[] {
  const { resources } = stateSchema.parse(JSON.parse(text));
  const references = new Map(
    resources
      .filter(({ type }) => type === 'docker_image')
      .flatMap(({ instances }) => instances.map(({ attributes }) => imageSchema.parse(attributes)))
      .map(({ image_id, name }) => [image_id, name]),
  );
  const made = resources
    .filter(({ type }) => type === 'docker_container')
    .flatMap(({ module, type, name, instances }) =>
      instances.map(({ attributes, dependencies }) => {
        const container = containerSchema.parse(attributes);
        const labels = new Map(container.labels.map(({ label, value }) => [label, value]));
        return {
          address: `${withoutKeys(module)}.${type}.${name}`,
          dependencies,
          container,
          component: labels.get('org.provehouse.component') ?? container.hostname,
          kind: labels.get('org.provehouse.kind') ?? 'unknown',
        };
      }),
    );
  return made.map(({ container, component, kind, dependencies }) => ({
    ...container,
    component,
    kind,
    reference: references.get(container.image) ?? container.image,
    after: made
      .filter(({ address }) => dependencies.includes(address))
      .map((other) => other.component)
      .toSorted(),
  }));
}

/** Dependencies name modules without saying which of their instances. */
const withoutKeys = (module: string): string => module.replace(/\[[^\]]*\]/g, '');
