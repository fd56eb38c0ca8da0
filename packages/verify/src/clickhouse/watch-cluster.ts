import type { ClickHouseNode } from '@provehouse/infra';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { Cluster, NodeClient } from './cluster.ts';
import { askSettings, type Settings } from './settings.ts';
import { isServerCode, isSilent, SilentNodeError } from './silent-node.ts';
import { unlessAborted } from '../unless-aborted.ts';

/** How a node is asked whether it answers at all: the error when it does not. */
export type Probe = (node: ClickHouseNode) => Promise<QueryError | undefined>;

/** How long a query may take before its node is probed, and then from probe to probe. */
const LOOK_AFTER_MS = 4_000;

/**
 * With these a node soon reads from another replica when one does not answer; the defaults are 10 s for
 * a greeting and 300 s for anything else.
 * Settings: https://clickhouse.com/docs/operations/settings/settings
 */
const SHORT_WAITS: Settings = { handshake_timeout_ms: '1500', receive_timeout: '5' };

/**
 * The cluster as one verification asks it. A node whose query fails or takes long is probed; one that
 * does not answer the probe is silent from then on: queries under way there end, and no more are sent,
 * each with a SilentNodeError. Nodes that answer come first, so that who asks one node asks one of these.
 * @param probed what the nodes answered before, by name; those with an error are silent from the start
 * @param onSilent called with each node that falls silent, as soon as that is known
 */
export function watchCluster(
  cluster: Cluster,
  probe: Probe,
  probed: ReadonlyMap<string, QueryError> = new Map(),
  onSilent: (error: SilentNodeError) => void = () => undefined,
): Cluster {
  const anySilent = (): boolean => nodes.some(isSilent);
  const nodes: readonly NodeClient[] = cluster.nodes.map((client) =>
    watchNode(client, { probe, onSilent, anySilent, probed: probed.get(client.node.name) }),
  );
  return {
    get nodes() {
      return nodes.toSorted((left, right) => Number(isSilent(left)) - Number(isSilent(right)));
    },
    node(name) {
      const found = nodes.find(({ node }) => node.name === name);
      if (found === undefined) throw new RangeError(`the cluster has no node ${name}`);
      return found;
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

interface Watch {
  readonly probe: Probe;
  readonly probed: QueryError | undefined;
  readonly onSilent: (error: SilentNodeError) => void;
  readonly anySilent: () => boolean;
}

function watchNode(client: NodeClient, watch: Watch): NodeClient {
  const { node } = client;
  const ending = new AbortController();
  const silence = ending.signal;
  const fallSilent = (cause: QueryError): void => {
    if (silence.aborted) return;
    const error = new SilentNodeError(node, cause);
    ending.abort(error);
    watch.onSilent(error);
  };
  if (watch.probed !== undefined) fallSilent(watch.probed);

  let probing: Promise<void> | undefined;
  const look = (): Promise<void> =>
    (probing ??= watch.probe(node).then((error) => {
      probing = undefined;
      // A server that has an answer of its own, such as that it is busy, is not silent.
      if (error !== undefined && !isServerCode(error.code)) fallSilent(error);
    }));

  const ask = async <Value>(send: () => Promise<Value>): Promise<Value> => {
    const timer = setInterval(() => void look(), LOOK_AFTER_MS);
    try {
      return await unlessAborted(silence, send);
    } catch (error) {
      if (error instanceof SilentNodeError) throw error;
      if (error instanceof QueryError && !isServerCode(error.code)) {
        await look();
        silence.throwIfAborted();
      }
      throw error;
    } finally {
      clearInterval(timer);
    }
  };

  let shortWaits: Promise<Settings> | undefined;
  /** The settings with which the node does not wait for silent peers, as far as its account may set them. */
  const settingsForPeers = async (): Promise<Settings> => {
    if (!watch.anySilent()) return {};
    shortWaits ??= askSettings(client, SHORT_WAITS).then(
      ({ settable }) => settable,
      (error: unknown) => {
        shortWaits = undefined;
        // An account that may not even see the settings waits as long as the server does.
        if (error instanceof QueryError && isServerCode(error.code)) return {};
        throw error;
      },
    );
    return shortWaits;
  };

  return {
    ...client,
    silence,
    query: (sql, row, withinMs, settings) =>
      ask(async () =>
        client.query(sql, row, withinMs, { ...(await settingsForPeers()), ...settings }),
      ),
    command: (sql) => ask(() => client.command(sql)),
  };
}
