import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { MACHINES_PROGRAMS, whyNoTrial } from './engine-trial.ts';

const obstacle = await whyNoTrial();
if (obstacle !== undefined) process.stderr.write(`NOT RUN: start of an engine; ${obstacle}.\n`);

const COMMAND = join(import.meta.dirname, 'with-container-engine.ts');

/** In namespaces of its own this looks like a machine without an engine; a rule is there before. */
const MACHINE = `
set -e
mount -t tmpfs tmpfs /run
ip link set lo up
iptables -A FORWARD -s 10.9.0.0/16 -j DROP
network() {
  iptables-save | grep -E '^(-A|:.* (-|DROP) )' | sed 's/ \\[.*//' || true
  ip -o link | cut -d: -f2
  cat /proc/sys/net/ipv4/ip_forward
  ls -A /run
}
echo 0 > /proc/sys/net/ipv4/ip_forward
network
echo '--- with'
"$@"
echo '--- after'
network
`;

/** Two containers on a network of their own, one of which finds the other by its name. */
const USE = `
set -e
run="docker run --stop-signal KILL ${MACHINES_PROGRAMS.join(' ')}"
image=$(tar c -T /dev/null | docker import -)
docker network create trial > /dev/null
$run --detach --name other --network trial $image sleep 600 > /dev/null
$run --network trial $image getent hosts other
$run --detach --name published --publish 18080:80 $image sleep 600 > /dev/null
docker port published
`;

async function inEmptyMachine(...words: string[]): Promise<string> {
  const { DOCKER_HOST: _, ...environment } = process.env;
  const machine = ['--net', '--mount', '--pid', '--fork', '--mount-proc'];
  const { stdout } = await promisify(execFile)(
    'unshare',
    [...machine, 'sh', '-c', MACHINE, 'sh', ...words],
    { env: { ...environment, CI: 'true' } },
  );
  return stdout;
}

it.skipIf(obstacle !== undefined)(
  'starts an engine for the command where there is none, and leaves the machine as it was',
  async () => {
    const said = await inEmptyMachine(process.execPath, COMMAND, 'sh', '-c', USE);
    const [before, inside, after] = said.split(/--- (?:with|after)\n/);
    expect(inside).toMatch(/^172\.\d+\.0\.2 +other$/m);
    expect(inside).toContain('80/tcp -> 127.0.0.1:18080');
    expect(before).toContain('-A FORWARD -s 10.9.0.0/16 -j DROP');
    expect(after).toBe(before);
  },
);

it.skipIf(obstacle !== undefined)('gives the command what it says and its exit code', async () => {
  const attempt = inEmptyMachine(process.execPath, COMMAND, 'sh', '-c', 'docker ps -q; exit 7');
  await expect(attempt).rejects.toMatchObject({ code: 7 });
});
