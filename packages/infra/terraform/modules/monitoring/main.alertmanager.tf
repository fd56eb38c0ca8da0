resource "docker_image" "alertmanager" {
  count        = var.running ? 1 : 0
  name         = var.alertmanager_image
  keep_locally = true
}

# Silences, and what has been sent.
resource "docker_volume" "alertmanager" {
  name = "provehouse-${var.platform}-alertmanager-data"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "alertmanager" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "alertmanager" {
  source     = "../container"
  for_each   = toset(var.running ? ["alertmanager"] : [])
  depends_on = [var.after, module.postgres_exporter, module.redis_exporter, module.statsd_exporter, module.verdict_exporter]

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.alertmanager[0].image_id
  user       = "65534:65534"
  entrypoint = ["sh", "/usr/local/bin/provehouse-alertmanager"]
  command = [
    "--config.file=/etc/provehouse/alertmanager.yml",
    "--web.config.file=/etc/provehouse/alertmanager-web.yml",
    "--storage.path=/alertmanager",
    # As long as an alert that goes on is said again after.
    "--data.retention=672h",
    "--web.external-url=http://127.0.0.1:${var.alertmanager_port}",
    "--cluster.listen-address=",
  ]
  memory_mib = var.alertmanager_memory_mib
  networks   = module.network[*].name
  ports      = { 9093 = var.alertmanager_port }
  volumes    = { "/alertmanager" = docker_volume.alertmanager.name }

  files = {
    for file in ["alertmanager.yml", "alertmanager-web.yml", "alertmanager.password", "amtool.json"] :
    "/etc/provehouse/${file}" => "${var.config_folder}/prometheus/${file}"
  }
  scripts = {
    "/usr/local/bin/provehouse-alertmanager" = file("${path.module}/alertmanager.sh")
    # What messages say besides the alerts; alertmanager.yml has the names of these templates.
    "/etc/provehouse/platform.tmpl" = join("\n", [
      "{{ define \"provehouse.platform\" }}${var.platform}{{ end }}",
      "{{ define \"provehouse.alerts\" }}${local.url}/alerts{{ end }}",
      "",
    ])
  }

  # Its alerts, which it shows to who has the password.
  health = {
    test = [
      "CMD", "amtool", "--alertmanager.url=http://127.0.0.1:9093",
      "--http.config.file=/etc/provehouse/amtool.json", "alert", "query",
    ]
    interval = 2
    timeout  = 5
  }
}
