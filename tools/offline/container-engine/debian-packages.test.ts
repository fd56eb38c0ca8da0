import { expect, it } from 'vitest';
import {
  DebianPackagesError,
  type DebianOptions,
  installDebianPackages,
  type RunCommand,
} from './debian-packages.ts';

/** A machine with some packages; `apt` answers what apt-get is asked to do. */
function machine(
  installed: readonly string[],
  apt: (words: readonly string[]) => Promise<string> = () => Promise.resolve(''),
): { readonly options: DebianOptions; readonly asked: string[] } {
  const asked: string[] = [];
  const run: RunCommand = (command, words) => {
    if (command === 'dpkg-query') {
      const name = words.at(-1) ?? '';
      return installed.includes(name)
        ? Promise.resolve('installed')
        : Promise.reject(new Error('no packages found'));
    }
    const meant = words.slice(2);
    asked.push(meant.join(' '));
    return apt(meant);
  };
  return { options: { run, user: 0, isDebian: () => Promise.resolve(true) }, asked };
}

const failure = (stderr: string): Error => Object.assign(new Error('failed'), { stderr });

it('installs what is missing and nothing else, and says so', async () => {
  const { options, asked } = machine(['iptables']);
  const said: string[] = [];
  await installDebianPackages(['docker.io', 'iptables'], {
    ...options,
    progress: (message) => said.push(message),
  });
  expect(asked).toEqual(['install --yes --no-install-recommends docker.io']);
  expect(said).toEqual(["Installing Debian's docker.io …"]);
});

it('changes nothing where all are there, whoever asks', async () => {
  const { options, asked } = machine(['debootstrap']);
  await installDebianPackages(['debootstrap'], { ...options, user: 1000 });
  expect(asked).toEqual([]);
});

it('reads the lists of packages again when the old ones do not do', async () => {
  let isNew = false;
  const { options, asked } = machine([], (words) => {
    isNew ||= words[0] === 'update';
    return isNew ? Promise.resolve('') : Promise.reject(failure('E: Unable to locate package'));
  });
  await installDebianPackages(['debootstrap'], options);
  expect(asked.map((words) => words.split(' ')[0])).toEqual(['install', 'update', 'install']);
});

it("gives apt-get's last lines when it fails", async () => {
  const { options } = machine([], () => Promise.reject(failure('reading\nE: no such package\n')));
  const attempt = installDebianPackages(['nothing'], options);
  await expect(attempt).rejects.toThrow(DebianPackagesError);
  await expect(attempt).rejects.toThrow('could not install nothing:\nreading\nE: no such package');
});

it('says to another user than root what root must do', async () => {
  const { options, asked } = machine([]);
  const attempt = installDebianPackages(['debootstrap'], { ...options, user: 1000 });
  await expect(attempt).rejects.toThrow('which only root can install: apt-get install debootstrap');
  expect(asked).toEqual([]);
});

it('says elsewhere than on Debian what is needed', async () => {
  const { options } = machine(['debootstrap']);
  const elsewhere = { ...options, isDebian: () => Promise.resolve(false) };
  await expect(installDebianPackages(['debootstrap'], elsewhere)).rejects.toThrow(
    "Expected the programs of Debian's debootstrap. They are installed for you on Debian only",
  );
});
