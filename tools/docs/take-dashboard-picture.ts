import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readDeployment, supersetAdmin } from '@provehouse/infra';
import { defaultHome, defaultName, ProvehouseError, readSecrets } from '@provehouse/secrets';
import { chromium } from 'playwright-core';
import { which } from 'zx';

const PICTURE = join(import.meta.dirname, '../../docs/superset.png');

/** A page as wide as a laptop shows it. */
const VIEWPORT = { width: 1280, height: 960 };

/**
 * Takes the picture of the dashboard for docs/superset.md, on a platform with Superset whose pipeline has
 * run, by the Chromium or Chrome on PATH.
 */
const { values } = parseArgs({
  options: {
    home: { type: 'string', default: defaultHome(process.env) },
    name: { type: 'string', default: defaultName(process.env) },
  },
});

const deployment = await readDeployment(join(values.home, values.name, 'deployment.json'));
const { superset } = deployment;
if (superset === undefined) {
  throw new ProvehouseError(
    `Expected a platform with Superset, found ${deployment.name} without. Start it with infra:up --with superset.`,
  );
}
const { username, password } = supersetAdmin(await readSecrets(deployment.secretsFile));
const browser = await chromium.launch({
  executablePath: await which('chromium').catch(() => which('google-chrome')),
});
try {
  const page = await browser.newPage({ viewport: VIEWPORT });
  // What the page of the login would send; its cookies are the browser's.
  const form = await (await page.request.get(`${superset.url}/login/`)).text();
  const [, token = ''] = /name="csrf_token"[^>]*value="([^"]+)"/.exec(form) ?? [];
  await page.request.post(`${superset.url}/login/`, {
    form: { username, password, csrf_token: token },
    headers: { referer: superset.url },
  });
  await page.goto(`${superset.url}/superset/dashboard/${superset.dashboard}/?standalone=1`);
  // Each chart has a frame at once, and what it shows when it has been asked.
  await page
    .locator('.slice_container')
    .nth(superset.charts.length - 1)
    .waitFor();
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
}
process.stdout.write(`Took docs/superset.png of ${deployment.name}.\n`);
