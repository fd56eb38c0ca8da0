locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "superset" }
}

module "network" {
  source = "../network"
  count  = var.running ? 1 : 0

  platform  = var.platform
  component = "superset"
  kind      = "superset"
}
