import { expect, test } from 'vitest';
import { stateFolder } from '../state/state-folder.ts';
import { renderSupervisorConfig } from './supervisord.ts';

const component = {
  name: 'part',
  kind: 'redis',
  command: ['/bin/server', "it's 100% sure"],
  budgetSeconds: 1,
  probe: () => Promise.resolve(),
};

test('a command keeps quotes and percent signs through quoting and expansion', () => {
  const text = renderSupervisorConfig(stateFolder('/home', 'local'), [component]);
  expect(text).toContain(`command='/bin/server' 'it'"'"'s 100%% sure'\n`);
});

test('nothing is started by itself and nothing that dies is hidden by a restart', () => {
  const text = renderSupervisorConfig(stateFolder('/home', 'local'), [component]);
  expect(text).toContain('autostart=false\nautorestart=false\n');
});
