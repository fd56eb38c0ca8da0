import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { $ } from 'zx';
import { generateSecrets } from '@provehouse/secrets';
import { sayNotTested } from '../../test/say-not-tested.ts';
import { toy } from '../../test/toy-component/index.ts';
import { containerFiles, publishedPorts } from '../docker/components.ts';
import type { ContainerPlan } from '../docker/container-plan.ts';
import { writeFiles } from '../docker/platform-files.ts';
import { TerraformWorkspace } from '../docker/terraform.ts';
import { findTerraform } from '../docker/terraform-program.ts';
import { calledModules, terraformVariables } from '../docker/terraform-variables.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import { stateFolder } from '../state/state-folder.ts';
import { COMPONENTS } from './index.ts';

/** What Terraform plans of the toy, without an engine. */
const PLANNED = `mock_provider "docker" {}

run "the_toy_is_called" {
  command = plan
  assert {
    condition     = module.toy.containers["toy"].name == "provehouse-demo-toy"
    error_message = "Expected a container of the toy."
  }
  assert {
    condition     = one(module.toy.containers["toy"].ports[*].external) == 18200
    error_message = "Expected the port of the plan."
  }
}

run "it_is_gone_when_nothing_runs" {
  command = plan
  variables {
    running = false
  }
  assert {
    condition     = length(module.toy.containers) == 0
    error_message = "Expected no container of the toy."
  }
}
`;

const program = await findTerraform(process.env, cacheFolder(process.env)).catch(
  (error: Error) => error.message,
);
if (typeof program === 'string') sayNotTested('a module that a component brings along', program);

test('Terraform plans the module of a component that its root module does not name', async ({
  skip,
}) => {
  if (typeof program === 'string') return skip(program);
  const home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const folder = stateFolder(home, 'demo');
  const descriptors = [...COMPONENTS, toy];
  const shape = {
    ...{ shards: 1, replicas: 1, keepers: 3, airflow: false, consumers: [], modules: [] },
    storage: 'local_ssd' as const,
  };
  const ports = publishedPorts(descriptors, shape);
  const plan: ContainerPlan = {
    ...{ ...shape, workers: 1, dagsFolder: '/dags', images: {}, chosenImages: {} },
    standIns: {},
    ...{ engine: 'server', replication: 'keeper' },
    ports: Object.fromEntries(ports.map(({ name, preferred }) => [name, preferred])),
  };
  await writeFiles(folder, await containerFiles(descriptors, plan, generateSecrets()));
  const request = { folder, name: 'demo', plan, descriptors };
  const workspace = join(home, 'terraform');
  const terraform = new TerraformWorkspace(program, workspace);
  await terraform.prepare(terraformVariables(request, true), calledModules(request));

  await mkdir(join(workspace, 'tests'));
  await writeFile(join(workspace, 'tests/toy.tftest.hcl'), PLANNED);
  const run = $({ cwd: workspace, env: program.environment, quiet: true, nothrow: true });
  const { stdout, stderr } = await run`${program.path} test -no-color`;
  expect(`${stdout}${stderr}`).toContain('2 passed, 0 failed.');

  const known = { ...request, descriptors: COMPONENTS };
  await terraform.prepare(terraformVariables(known, true), calledModules(known));
  expect(await readdir(workspace)).not.toContain('component.toy.tf.json');
});
