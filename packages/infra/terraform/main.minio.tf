module "minio" {
  source = "./modules/minio"

  platform      = var.name
  running       = var.running && var.storage_type != "local_ssd"
  config_folder = local.config_folder
  image         = local.images.minio
  ports         = { minio = var.ports.minio, minio_console = var.ports.minio_console }
  memory_mib    = var.memory_limits.minio
  buckets       = ["clickhouse", "clickhouse-backups"]
}
