# The whole platform as a part of a configuration of your own: images from your registry, other ports, more
# workers. The files come first, and say for what they are:
#
#   npx nx run infra:render --runtime docker --storage s3_ssd --port airflow=18080 --output <this folder>
#   terraform init
#   terraform apply
module "platform" {
  source = "../.."

  name               = var.name
  config_folder      = var.config_folder
  dags_folder        = var.dags_folder
  data_folder        = var.data_folder
  node_folder        = var.node_folder
  clickhouse_nodes   = var.clickhouse_nodes
  keepers            = var.keepers
  storage_type       = var.storage_type
  modules            = var.modules
  postgres_consumers = var.postgres_consumers
  ports              = var.ports
  airflow_workers    = 2
  images             = var.images
  memory_limits      = { clickhouse = 2048 }
}

output "urls" {
  description = "Where people and programs find what runs."
  value       = module.platform.urls
}
