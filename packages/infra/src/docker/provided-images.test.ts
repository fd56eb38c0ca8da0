import { expect, test } from 'vitest';
import { checkProvidedImages, imagesFor } from './provided-images.ts';

const built = {
  airflow: { reference: 'provehouse/airflow:plain' },
  'airflow-modules': { reference: 'provehouse/airflow:modules' },
  redis: { reference: 'provehouse/standin-valkey:1', standIn: 'a stand-in' },
};

test("Airflow's image has the packages of modules where the platform has one that needs some", () => {
  const { airflow, redis } = built;
  expect(imagesFor(built, ['api'])).toEqual({ airflow, redis });
  const withModules = { airflow: built['airflow-modules'], redis };
  expect(imagesFor(built, ['kafka'])).toEqual(withModules);
  expect(imagesFor(built, ['storage', 'api'])).toEqual(withModules);
  expect(imagesFor(built, ['monitoring'])).toEqual(withModules);
});

test("Superset's image, which no registry has, is asked for where it is used, and what builds it is said", async () => {
  await expect(checkProvidedImages({}, ['redis', 'superset'])).rejects.toThrow(
    'Expected an image of Superset, found none. Run `npx nx run tools:images superset`.',
  );
  expect(await checkProvidedImages({}, ['redis'])).toBeUndefined();
});

test('an image without them is never taken for one with them, and what builds one is said', async () => {
  const { airflow, redis } = built;
  const images = imagesFor({ airflow, redis }, ['kafka']);
  expect(images).toEqual({ redis });
  await expect(checkProvidedImages(images, ['airflow', 'redis'])).rejects.toThrow(
    /an image of Airflow with what the platform's modules need, found none.*tools:images/,
  );
});
