/**
 * What Airflow is given to send its metrics there by UDP. Names and labels are those of Airflow's registry, not
 * the longer names of Airflow 2 that have the labels in them.
 * Settings: https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#metrics
 */
export function metricsSettings(exporter: {
  readonly host: string;
  readonly port: number;
}): Record<string, string> {
  const settings = {
    STATSD_ON: 'True',
    STATSD_HOST: exporter.host,
    STATSD_PORT: String(exporter.port),
    STATSD_PREFIX: 'airflow',
    STATSD_INFLUXDB_ENABLED: 'True',
    LEGACY_NAMES_ON: 'False',
    // A counter that goes down, which Prometheus' do not, and a name with a DAG in it besides the one with a label.
    METRICS_BLOCK_LIST: String.raw`^dag_processing\.processes,^dagrun\..+\.first_task_scheduling_delay`,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`AIRFLOW__METRICS__${name}`, value]),
  );
}
