import type { ClickHouseNode, Deployment } from '@provehouse/infra';
import { connectNode, NoAnswerError, QueryError, type Account } from '@provehouse/infra/clickhouse';
import type { Cluster, NodeClient } from './cluster.ts';
import { askRowSettings } from './row-settings.ts';
import { logComment } from './running-check.ts';
import type { Settings, SettingsAnswer } from './settings.ts';

/**
 * Clients for all nodes of a deployment, whose SELECTs read rows as far as the account may set what
 * that takes, and under the limits. Nothing is sent yet.
 */
export function connectCluster(
  { clickhouse }: Deployment,
  account: Account,
  limits: Settings = {},
): Cluster {
  const nodes = clickhouse.nodes.map((node) => connectReadingNode(node, account, limits));
  return {
    nodes,
    node(name) {
      const found = nodes.find(({ node }) => node.name === name);
      if (found === undefined) throw new RangeError(`the cluster has no node ${name}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

/** https://clickhouse.com/docs/operations/settings/settings#log_comment */
const COMMENT = 'log_comment';
const ABOUT_SETTINGS = /\bsystem\.settings\b/;

/** What a server may take to say that the time is over. */
const GRACE_SECONDS = 10;

/** A client that finds out with its first SELECT which settings its node needs to read rows. */
function connectReadingNode(
  node: ClickHouseNode,
  account: Account,
  limits: Settings,
): NodeClient & { close(): Promise<void> } {
  // What the server ends after a time is to be ended by the server, which says why.
  const { max_execution_time: seconds } = limits;
  const client =
    seconds === undefined
      ? connectNode(node, account)
      : connectNode(node, account, (Number(seconds) + GRACE_SECONDS) * 1000);
  let answer: Promise<SettingsAnswer> | undefined;
  return {
    ...client,
    async query(sql, row, withinMs, settings) {
      // Those would show as settings of the account's own.
      if (ABOUT_SETTINGS.test(sql)) return client.query(sql, row, withinMs, settings);
      answer ??= askRowSettings(
        { query: (ask, form, _, own) => client.query(ask, form, withinMs, own) },
        { ...limits, [COMMENT]: logComment() },
      );
      const { different } = await answer.catch((error: unknown) => {
        // A node that did not answer may do so the next time.
        answer = undefined;
        throw ofStatement(error, sql);
      });
      const comment = COMMENT in different ? { [COMMENT]: logComment() } : {};
      return client.query(sql, row, withinMs, { ...different, ...comment, ...settings });
    },
  };
}

/** What keeps a node from telling its settings keeps it from the statement that they are asked for. */
function ofStatement(error: unknown, sql: string): unknown {
  if (!(error instanceof QueryError)) return error;
  const Kind = error instanceof NoAnswerError ? NoAnswerError : QueryError;
  const [said = ''] = error.message.split('\nin: ');
  return new Kind(`${said}\nin: ${sql}`, error.code, { cause: error });
}
