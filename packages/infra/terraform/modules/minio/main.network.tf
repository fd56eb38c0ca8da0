locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "storage" }
}

resource "docker_network" "this" {
  count = var.running ? 1 : 0
  name  = "provehouse-${var.platform}-minio"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "minio" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}
