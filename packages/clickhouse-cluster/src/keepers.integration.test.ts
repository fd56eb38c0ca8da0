import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startEnsemble, type Ensemble } from '../test/ensemble.ts';
import { MemberError } from './member-error.ts';

const unavailable = inject('noKeepers');

describe.skipIf(unavailable)(`an ensemble of three Keepers ${unavailable}`, () => {
  let ensemble: Ensemble;
  const roles = () => Promise.all(ensemble.keepers.map((keeper) => keeper.role()));
  const leader = async () => ensemble.keepers[(await roles()).indexOf('leader')]!;

  beforeAll(async () => {
    ensemble = await startEnsemble(inject('keeperImage'), 3);
  });
  afterAll(() => ensemble[Symbol.asyncDispose]());

  it('has one leader', async () => {
    expect((await roles()).sort()).toEqual(['follower', 'follower', 'leader']);
  });

  it('finds another leader when its own is killed, which then comes back as a follower', async () => {
    const killed = await leader();
    await killed.kill();
    await expect(killed.role()).rejects.toThrow(MemberError);
    const others = ensemble.keepers.filter((keeper) => keeper !== killed);
    await vi.waitFor(
      async () => {
        const states = await Promise.all(others.map((keeper) => keeper.role()));
        expect(states.sort()).toEqual(['follower', 'leader']);
      },
      { timeout: 60_000, interval: 100 },
    );
    await killed.start();
    expect(await killed.role()).toBe('follower');
  });

  it('leaves a leader without followers, when it is cut from them, until it is reconnected', async () => {
    const cut = await leader();
    const others = ensemble.keepers.filter((keeper) => keeper !== cut);
    const names = others.map(({ name }) => name);
    await ensemble.cuts.cut(cut.name, names);
    await vi.waitFor(
      async () => {
        const states = await Promise.all(others.map((keeper) => keeper.role()));
        expect(states.sort()).toEqual(['follower', 'leader']);
        await expect(cut.role()).rejects.toThrow();
      },
      { timeout: 60_000, interval: 100 },
    );
    await ensemble.cuts.join(cut.name, names);
    await vi.waitFor(async () => expect(await cut.role()).toBe('follower'), {
      timeout: 60_000,
      interval: 100,
    });
  });
});
