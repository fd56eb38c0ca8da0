module "metabase" {
  source = "./modules/metabase"

  platform      = var.name
  running       = var.running && local.metabase_wanted
  config_folder = local.config_folder
  image         = local.images.metabase
  port          = var.ports.metabase
  memory_mib    = var.memory_limits.metabase
  networks      = compact([module.postgres.network, module.clickhouse.network])
  accounts_job  = module.postgres.accounts_job
}
