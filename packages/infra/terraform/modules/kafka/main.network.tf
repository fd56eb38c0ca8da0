locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "kafka" }
}

module "network" {
  source = "../network"
  count  = var.running ? 1 : 0

  platform  = var.platform
  component = "kafka"
  kind      = "kafka"
}
