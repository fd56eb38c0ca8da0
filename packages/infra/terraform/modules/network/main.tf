resource "docker_network" "this" {
  name = "provehouse-${var.platform}-${var.component}"

  dynamic "labels" {
    for_each = {
      "org.provehouse.platform"  = var.platform
      "org.provehouse.component" = var.component
      "org.provehouse.kind"      = var.kind
    }
    content {
      label = labels.key
      value = labels.value
    }
  }
}
