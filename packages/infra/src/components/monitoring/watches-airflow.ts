import type { ContainerShape } from '../container-side.ts';

/** Whether a platform of containers has what Prometheus asks Airflow and its servers by. */
export const watchesAirflow = ({
  airflow,
  modules,
}: Pick<ContainerShape, 'airflow' | 'modules'>): boolean =>
  airflow && modules.includes('monitoring');
