import { z } from 'zod';

const hook = z.object({
  resource: z.object({
    addr: z.string(),
    resource_type: z.string(),
  }),
  action: z.string().optional(),
});

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('apply_start'), hook }),
  z.object({ type: z.literal('apply_complete'), hook }),
  z.object({ type: z.literal('apply_errored'), hook }),
  z.object({
    type: z.literal('diagnostic'),
    diagnostic: z.object({
      severity: z.string(),
      summary: z.string(),
      detail: z.string().optional(),
      address: z.string().optional(),
    }),
  }),
  z.object({
    type: z.literal('change_summary'),
    changes: z.object({ add: z.number(), change: z.number(), remove: z.number() }),
  }),
]);

/** One line of Terraform's machine-readable output that is of interest here. */
export type TerraformEvent = z.infer<typeof eventSchema>;

/**
 * The event in a line, or undefined for a line of another kind
 * (https://developer.hashicorp.com/terraform/internals/machine-readable-ui).
 */
export function parseEvent(line: string): TerraformEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  const parsed = eventSchema.safeParse(JSON.parse(line));
  return parsed.success ? parsed.data : undefined;
}

/** Whether the event is about a container, which is what people wait for. */
export const isContainer = (event: TerraformEvent): boolean =>
  'hook' in event && event.hook.resource.resource_type === 'docker_container';

/** The component that a resource makes: the key of the innermost module or resource in its address. */
export function componentOf({
  hook: { resource },
}: Extract<TerraformEvent, { hook: object }>): string {
  const keys = [...resource.addr.matchAll(/\["([^"]+)"\]/g)];
  return keys.at(-1)?.[1] ?? resource.addr;
}
