import { defineConfig } from 'vitest/config';

/** What needs a container engine or a registry; all else can run in a network of its own. */
const WITH_REGISTRIES = [
  'src/docker/**/*.integration.test.ts',
  'src/components/added-module.integration.test.ts',
  'src/native/engines/provided-zookeeper.integration.test.ts',
];

const platformTests = {
  // What has been done to a process shows a moment later, and a state takes a second to ask.
  expect: { poll: { timeout: 20_000 } },
  testTimeout: 360_000,
  hookTimeout: 360_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Tests undo what they replace in their process: one for each file took most of the time.
          isolate: false,
          // On a busy machine what takes a second takes many.
          testTimeout: 60_000,
          include: ['src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
        },
      },
      {
        test: {
          ...platformTests,
          name: 'integration',
          include: ['src/**/*.integration.test.ts'],
          exclude: WITH_REGISTRIES,
          // Platforms share the machine's two cores.
          fileParallelism: false,
          // Each file ends what it has started, and loading all modules takes a second or two a file.
          isolate: false,
        },
      },
      {
        test: {
          ...platformTests,
          name: 'containers',
          include: WITH_REGISTRIES,
          // Containers wait for each other's health checks more than they compute.
          maxWorkers: 2,
        },
      },
    ],
  },
});
