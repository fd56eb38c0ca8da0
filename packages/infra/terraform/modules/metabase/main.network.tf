module "network" {
  source = "../network"
  count  = var.running ? 1 : 0

  platform  = var.platform
  component = "metabase"
  kind      = "metabase"
}
