import { type ClientRequest, Agent as HttpAgent, get as httpGet } from 'node:http';
import { Agent, get } from 'node:https';

/** Where Terraform asks its registry what that offers. */
export const TERRAFORM_REGISTRY = new URL(
  'https://registry.terraform.io/.well-known/terraform.json',
);

/**
 * Whether a provider registry answers at the address within `timeout` milliseconds. Only a service
 * discovery document with providers counts: a page that asks for a login is not a registry. The
 * proxy that the environment names is used, as Terraform does.
 */
export function registryAnswers(
  address: URL,
  environment: NodeJS.ProcessEnv,
  timeout: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeout);
    const proxy = { proxyEnv: environment };
    const request: ClientRequest =
      address.protocol === 'http:'
        ? httpGet(address, { signal, agent: new HttpAgent(proxy) })
        : get(address, { signal, agent: new Agent(proxy) });
    request.once('error', () => resolve(false));
    request.once('response', (response) => {
      const said: Buffer[] = [];
      response.on('data', (part: Buffer) => said.push(part));
      response.once('error', () => resolve(false));
      response.once('end', () =>
        resolve(response.statusCode === 200 && offersProviders(Buffer.concat(said).toString())),
      );
    });
  });
}

function offersProviders(document: string): boolean {
  try {
    const services: unknown = JSON.parse(document);
    return typeof services === 'object' && services !== null && 'providers.v1' in services;
  } catch {
    return false;
  }
}
