locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "redis" }
}

resource "docker_network" "this" {
  count = var.running ? 1 : 0
  name  = "provehouse-${var.platform}-redis"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "redis" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}
