module "monitoring" {
  source = "./modules/monitoring"

  platform       = var.name
  running        = var.running && contains(var.modules, "monitoring")
  config_folder  = local.config_folder
  scrapes_flower = var.enable_airflow
  image          = local.images.prometheus
  port           = var.ports.prometheus
  memory_mib     = var.memory_limits.prometheus
  networks       = compact([module.clickhouse.network, module.airflow.network])

  alertmanager_image      = local.images.alertmanager
  alertmanager_port       = var.ports.alertmanager
  alertmanager_memory_mib = var.memory_limits.alertmanager
  after                   = values(merge(module.clickhouse.containers, module.airflow.containers))[*].id

  grafana            = var.enable_grafana
  grafana_image      = local.images.grafana
  grafana_port       = var.ports.grafana
  grafana_memory_mib = var.memory_limits.grafana
}
