module "superset" {
  source = "./modules/superset"

  platform      = var.name
  running       = var.running && contains(var.modules, "superset")
  config_folder = local.config_folder
  image         = local.images.superset
  port          = var.ports.superset
  memory_mib    = var.memory_limits.superset
  networks      = compact([module.postgres.network, module.clickhouse.network])
  accounts_job  = module.postgres.accounts_job
}
