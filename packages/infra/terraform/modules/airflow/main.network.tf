locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "airflow" }
}

resource "docker_network" "this" {
  count = var.running ? 1 : 0
  name  = "provehouse-${var.platform}-airflow"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "airflow" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}
