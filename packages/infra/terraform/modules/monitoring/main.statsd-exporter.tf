locals {
  hears_airflow  = var.running && var.airflow != null
  statsd_mapping = "/etc/provehouse/statsd-mapping.yml"
}

resource "docker_image" "statsd_exporter" {
  count        = local.hears_airflow ? 1 : 0
  name         = var.statsd_exporter_image
  keep_locally = true
}

module "statsd_exporter" {
  source   = "../container"
  for_each = toset(local.hears_airflow ? ["statsd-exporter"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.statsd_exporter[0].image_id
  user       = "65534:65534"
  entrypoint = ["/bin/statsd_exporter"]
  command = [
    "--statsd.mapping-config=${local.statsd_mapping}",
    "--statsd.listen-udp=:9125",
    "--statsd.listen-tcp=",
    "--web.listen-address=:9102",
  ]
  memory_mib = var.exporter_memory_mib
  networks   = concat(module.network[*].name, [var.airflow.network])
  files      = { (local.statsd_mapping) = "${var.config_folder}/prometheus/statsd-mapping.yml" }

  # Whether Airflow sends anything, its metrics say.
  health = {
    test     = ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9102/metrics"]
    interval = 2
    timeout  = 5
  }
}
