# One ClickHouse node and the Keepers that its files name, made by a module alone. The files are rendered by:
#
#   npx nx run infra:render --runtime docker --shards 1 --replicas 1 --output <this folder>
#
# or are your own: below config_folder/clickhouse/clickhouse-01 there must be config.xml, users.xml (with the
# account of the health check) and health.headers (with its login).
variable "config_folder" {
  description = "Folder with the rendered files."
  type        = string
  default     = "config"
  nullable    = false
}

module "clickhouse" {
  source = "../../modules/clickhouse-cluster"

  platform      = "example"
  running       = true
  config_folder = abspath(var.config_folder)
  nodes = [
    { name = "clickhouse-01", shard = "01", replica = "01", http_port = 8123, native_port = 9000 },
  ]
  keepers = [
    for number in [1, 2, 3] : { name = "clickhouse-keeper-0${number}", client_port = 9180 + number }
  ]
  images = {
    clickhouse = "clickhouse/clickhouse-server:26.3.33.24"
    keeper     = "clickhouse/clickhouse-keeper:26.3.33.24"
  }
  memory_mib = { clickhouse = 2048, keeper = 256 }
}

output "network" {
  description = "Network that your own containers join to reach the node at clickhouse-01:9000."
  value       = module.clickhouse.network
}
