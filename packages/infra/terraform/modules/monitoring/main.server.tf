locals {
  labels = { "org.provehouse.platform" = var.platform, "org.provehouse.kind" = "monitoring" }
  url    = "http://127.0.0.1:${var.port}"
}

resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

resource "docker_volume" "data" {
  name = "provehouse-${var.platform}-prometheus-data"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "prometheus" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["prometheus"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.this[0].image_id
  user       = "65534:65534"
  entrypoint = ["/bin/prometheus"]
  command = [
    "--config.file=/etc/provehouse/prometheus.yml",
    "--storage.tsdb.path=/prometheus",
    "--storage.tsdb.retention.time=7d",
    "--storage.tsdb.retention.size=512MB",
    # The address by which people follow its links.
    "--web.external-url=${local.url}",
    # Otherwise every page in a browser of this machine may read it.
    "--web.cors.origin=${replace(local.url, ".", "\\.")}",
    # An alert that begins while it has not found its Alertmanager yet is dropped.
    "--rules.alert.resend-delay=15s",
  ]
  memory_mib = var.memory_mib
  networks   = concat(module.network[*].name, var.networks)
  ports      = { 9090 = var.port }
  volumes    = { "/prometheus" = docker_volume.data.name }

  files = merge(
    {
      for file in ["prometheus.yml", "alerts.yml", "clickhouse.password", "alertmanager.password"] :
      "/etc/provehouse/${file}" => "${var.config_folder}/prometheus/${file}"
    },
    var.scrapes_flower ? {
      "/etc/provehouse/flower.password" = "${var.config_folder}/prometheus/flower.password"
    } : {},
  )

  # It refuses queries until it has read what it keeps.
  health = {
    test     = ["CMD", "promtool", "query", "instant", "http://127.0.0.1:9090", "vector(1)"]
    interval = 2
    timeout  = 5
  }
}
