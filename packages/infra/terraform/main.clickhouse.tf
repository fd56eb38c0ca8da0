module "clickhouse" {
  source = "./modules/clickhouse-cluster"

  platform       = var.name
  running        = var.running
  config_folder  = local.config_folder
  nodes          = var.clickhouse_nodes
  keepers        = var.keepers
  images         = { clickhouse = local.images.clickhouse, keeper = local.images.keeper }
  memory_mib     = { clickhouse = var.memory_limits.clickhouse, keeper = var.memory_limits.keeper }
  open_files     = var.clickhouse_open_files
  extra_networks = compact([module.minio.network, module.kafka.network])
  # A node opens its disks when it starts.
  depends_on = [module.minio]
}
