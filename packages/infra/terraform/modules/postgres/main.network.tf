locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "postgres" }
}

resource "docker_network" "this" {
  count = var.running ? 1 : 0
  name  = "provehouse-${var.platform}-postgres"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "postgres" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}
