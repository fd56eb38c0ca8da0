locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.component" = "toy", "org.provehouse.kind" = "toy" }
}

resource "docker_network" "this" {
  count = var.running ? 1 : 0
  name  = "provehouse-${var.platform}-toy"

  dynamic "labels" {
    for_each = local.labels
    content {
      label = labels.key
      value = labels.value
    }
  }
}

resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["toy"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "toy"
  image_id   = docker_image.this[0].image_id
  user       = "0:0"
  entrypoint = ["python3", "-m", "http.server", "8000", "--directory", "/srv/toy"]
  memory_mib = 128
  networks   = [docker_network.this[0].name]
  ports      = { 8000 = var.port }
  files      = { "/srv/toy/index.html" = "${var.config_folder}/toy/index.html" }

  health = {
    test     = ["CMD", "python3", "-c", "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000').status)"]
    interval = 2
    timeout  = 5
  }
}
