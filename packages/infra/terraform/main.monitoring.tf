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
}
