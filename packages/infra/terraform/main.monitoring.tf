module "monitoring" {
  source = "./modules/monitoring"

  platform       = var.name
  running        = var.running && contains(var.modules, "monitoring")
  config_folder  = local.config_folder
  scrapes_flower = var.enable_airflow
  image          = local.images.prometheus
  port           = var.ports.prometheus
  memory_mib     = var.memory_limits.prometheus
  networks       = compact([module.clickhouse.network, module.airflow.network, module.kafka.network])

  postgres = var.enable_airflow ? {
    image       = local.images.postgres
    network     = module.postgres.network
    socket      = module.postgres.socket
    migrate_job = module.airflow.migrate_job
  } : null
  postgres_exporter_image = local.images.postgres_exporter
  redis                   = var.enable_airflow ? { network = module.redis.network } : null
  redis_exporter_image    = local.images.redis_exporter
  airflow                 = local.takes_metrics ? { network = module.airflow.network } : null
  statsd_exporter_image   = local.images.statsd_exporter
  verdict_exporter_image  = local.images.verdict_exporter
  verdicts_folder         = local.verdicts_folder
  exporter_memory_mib     = var.memory_limits.exporter

  alertmanager_image      = local.images.alertmanager
  alertmanager_port       = var.ports.alertmanager
  alertmanager_memory_mib = var.memory_limits.alertmanager
  after                   = values(merge(module.clickhouse.containers, module.airflow.containers))[*].id

  grafana            = var.enable_grafana
  grafana_image      = local.images.grafana
  grafana_port       = var.ports.grafana
  grafana_memory_mib = var.memory_limits.grafana
}
