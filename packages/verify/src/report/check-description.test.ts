import { expect, test } from 'vitest';
import { checkDescription } from './check-description.ts';

test('the pictures stand in the description and need no other file', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>2 × 2</text></svg>';
  const html = checkDescription({ name: 'topology', proves: 'All agree.' }, [
    { title: 'Topology', svg },
  ]);
  const [, base64 = ''] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(html) ?? [];
  expect(Buffer.from(base64, 'base64').toString()).toBe(svg);
});

test('text stays text, whatever characters it has', () => {
  const html = checkDescription({ name: 'x', proves: 'a < b & c > d' }, [
    { title: '"rows"', svg: '<svg/>' },
  ]);
  expect(html).toContain('a &lt; b &amp; c &gt; d');
  expect(html).toContain('alt="&quot;rows&quot;"');
});
