module "kafka" {
  source = "./modules/kafka"

  platform      = var.name
  running       = var.running && contains(var.modules, "kafka")
  config_folder = local.config_folder
  image         = local.images.kafka
  port          = var.ports.kafka
  memory_mib    = var.memory_limits.kafka
  metrics       = contains(var.modules, "monitoring")
}
