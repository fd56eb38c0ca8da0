import { randomUUID } from 'node:crypto';
import { getContainerRuntimeClient } from 'testcontainers';
import { createClusterNetwork } from '../src/cluster-network.ts';
import { MemberContainer } from '../src/member-container.ts';
import { keeperNames, planKeepers } from '../src/members.ts';
import { NetworkCuts } from '../src/network-cuts.ts';
import { publishAddress } from '../src/publish-address.ts';
import { removeCluster } from '../src/removal.ts';
import { StartedKeeper } from '../src/started-keeper.ts';

/** Keepers without nodes. */
export interface Ensemble extends AsyncDisposable {
  readonly keepers: readonly StartedKeeper[];
  readonly cuts: NetworkCuts;
}

/** Starts `count` Keepers and waits until they have a leader. */
export async function startEnsemble(image: string, count: number): Promise<Ensemble> {
  const client = await getContainerRuntimeClient();
  const id = randomUUID();
  const network = `provehouse-cluster-${id}`;
  const names = keeperNames(count);
  const addresses = await createClusterNetwork(client, id, network, names);
  const remove = () => removeCluster(client, id, network);
  try {
    const { bind, host } = await publishAddress(client);
    const identity = { id, network, addresses, ...(bind !== undefined && { bind }) };
    const keepers: StartedKeeper[] = await Promise.all(
      planKeepers(image, names).map(async (plan) => {
        let containerId = '';
        await new MemberContainer(plan, identity, (created) => (containerId = created)).start();
        return new StartedKeeper(plan.name, client.container.getById(containerId), {
          ...{ client, host, addresses, startupTimeout: 60_000 },
          restarted: (name) => cuts.restarted(name),
        });
      }),
    );
    const cuts: NetworkCuts = new NetworkCuts(client, keepers, image, id);
    await Promise.all(keepers.map((keeper) => keeper.whenReady()));
    return { keepers, cuts, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
