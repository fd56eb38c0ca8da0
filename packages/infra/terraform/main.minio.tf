module "minio" {
  source = "./modules/minio"

  platform      = var.name
  running       = var.running && local.storage_wanted
  config_folder = local.config_folder
  image         = local.images.minio
  ports         = { minio = var.ports.storage, minio_console = var.ports.storage_console }
  memory_mib    = var.memory_limits.storage
  buckets       = ["clickhouse", "clickhouse-backups"]
}
