resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

resource "docker_volume" "data" {
  name = "provehouse-${var.platform}-kafka-data"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "kafka" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["kafka"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "kafka"
  image_id   = docker_image.this[0].image_id
  user       = "1000:1000"
  entrypoint = ["sh", "/usr/local/bin/provehouse-kafka"]
  memory_mib = var.memory_mib
  networks   = [module.network[0].name]
  # Clients of this machine have a listener of their own, because the broker tells them where it is.
  ports   = { 9094 = var.port }
  volumes = { "/var/lib/kafka/data" = docker_volume.data.name }
  unkept  = ["/etc/kafka/secrets", "/mnt/shared/config"]

  files = merge(
    {
      for file in concat(
        ["server.properties", "java.options", "log4j2.properties"],
        var.metrics ? ["jmx-agent.jar", "metrics.yml"] : [],
      ) : "/etc/provehouse/${file}" => "${var.config_folder}/kafka/${file}"
    },
    { "/run/provehouse/health.request" = "${var.config_folder}/kafka/health.request" },
  )
  scripts = {
    "/usr/local/bin/provehouse-kafka"        = file("${path.module}/serve.sh")
    "/usr/local/bin/provehouse-kafka-health" = file("${path.module}/health.sh")
  }

  health = {
    test     = ["CMD", "bash", "/usr/local/bin/provehouse-kafka-health"]
    interval = 2
    timeout  = 5
  }

  # Consumers commit their offsets while they end, and the log is closed cleanly.
  stop = { seconds = 30 }
}
