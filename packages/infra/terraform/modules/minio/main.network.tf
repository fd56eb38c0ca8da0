locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "storage" }
}

module "network" {
  source = "../network"
  count  = var.running ? 1 : 0

  platform  = var.platform
  component = "minio"
  kind      = "storage"
}

# A platform that was made before there was a module for it keeps its network and what is in it.
moved {
  from = docker_network.this[0]
  to   = module.network[0].docker_network.this
}
