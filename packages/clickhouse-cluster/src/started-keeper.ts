import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { KEEPER_PORTS } from '@provehouse/infra';
import { MemberError } from './member-error.ts';
import { StartedMember } from './started-member.ts';

/** A Keeper of a started cluster. */
export class StartedKeeper extends StartedMember {
  /** Published port for clients. @throws MemberError while stopped */
  get port(): number {
    return this.publishedPort(KEEPER_PORTS.client);
  }

  /**
   * The answer to a four-letter word, such as `mntr`.
   * Words: https://clickhouse.com/docs/guides/sre/keeper/clickhouse-keeper#four-letter-word-commands
   * @throws Error of the connection
   */
  async ask(word: string, signal: AbortSignal = AbortSignal.timeout(10_000)): Promise<string> {
    const socket = connect({ host: this.host, port: this.port, signal });
    try {
      await once(socket, 'connect', { signal });
      socket.write(word);
      return await text(socket);
    } finally {
      socket.destroy();
    }
  }

  /** What it is in its ensemble: `leader`, `follower` or, alone, `standalone`. @throws MemberError */
  async role(signal?: AbortSignal): Promise<string> {
    const answer = await this.ask('mntr', signal);
    const state = /^zk_server_state\t(.+)$/m.exec(answer)?.[1];
    if (state === undefined) {
      throw new MemberError(this.name, `no state in its answer: ${answer.slice(0, 200)}`);
    }
    return state;
  }

  protected override async probe(signal: AbortSignal): Promise<void> {
    const role = await this.role(signal);
    if (!['leader', 'follower', 'standalone'].includes(role)) {
      throw new MemberError(this.name, `it is ${role}, no part of an ensemble with a leader`);
    }
  }
}
