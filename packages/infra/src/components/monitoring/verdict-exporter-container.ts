import type { ContainerSide } from '../container-side.ts';

/** Where Prometheus finds it. */
export const VERDICT_EXPORTER_INSIDE = 'verdict-exporter:9100';

/** Folder of verdicts below the platform's data, as in processes; Terraform has it, too. */
const VERDICTS_FOLDER = 'verdicts';

/** What serves the verdicts in a folder of this machine, as one container. */
export const verdictExporterContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('monitoring'),
  images: ['verdict_exporter'],
  written: () => [VERDICTS_FOLDER],
};
