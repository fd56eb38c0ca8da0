module "api" {
  source = "./modules/api"

  platform      = var.name
  running       = var.running && contains(var.modules, "api")
  config_folder = local.config_folder
  image         = local.images.airflow
  port          = var.ports.api
  memory_mib    = var.memory_limits.api
}
