locals {
  airflow_runs  = var.running && var.enable_airflow
  postgres_runs = var.running && length(local.consumers) > 0
}

module "postgres" {
  source = "./modules/postgres"

  platform      = var.name
  running       = local.postgres_runs
  config_folder = local.config_folder
  consumers     = local.consumers
  image         = local.images.postgres
  port          = var.ports.postgres
  memory_mib    = var.memory_limits.postgres
}

module "redis" {
  source = "./modules/redis"

  platform      = var.name
  running       = local.airflow_runs
  config_folder = local.config_folder
  image         = local.images.redis
  port          = var.ports.redis
  memory_mib    = var.memory_limits.redis
}

module "airflow" {
  source = "./modules/airflow"

  platform      = var.name
  running       = local.airflow_runs
  config_folder = local.config_folder
  dags_folder   = local.dags_folder
  workers       = var.airflow_workers
  image         = local.images.airflow
  ports         = { airflow = var.ports.airflow, flower = var.ports.flower }
  memory_mib    = var.memory_limits.airflow
  networks = compact([
    module.postgres.network, module.redis.network, module.clickhouse.network,
    module.kafka.network, module.api.network, module.minio.network,
  ])
  accounts_job     = module.postgres.accounts_job
  metrics_exporter = module.monitoring.statsd_exporter
  quality_report = var.node_folder == null ? null : {
    node     = abspath(var.node_folder)
    reports  = "${local.data_folder}/quality-report"
    verdicts = contains(var.modules, "monitoring") ? local.verdicts_folder : null
  }
}
