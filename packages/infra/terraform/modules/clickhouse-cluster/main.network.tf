locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "clickhouse" }
}

resource "docker_network" "this" {
  count = var.running ? 1 : 0
  name  = "provehouse-${var.platform}-clickhouse"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "clickhouse" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}
