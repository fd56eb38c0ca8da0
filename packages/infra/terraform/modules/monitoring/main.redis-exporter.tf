locals {
  asks_redis      = var.running && var.redis != null
  redis_passwords = "/etc/provehouse/redis-passwords.json"
}

resource "docker_image" "redis_exporter" {
  count        = local.asks_redis ? 1 : 0
  name         = var.redis_exporter_image
  keep_locally = true
}

module "redis_exporter" {
  source   = "../container"
  for_each = toset(local.asks_redis ? ["redis-exporter"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.redis_exporter[0].image_id
  user       = "59000:59000"
  entrypoint = ["/redis_exporter"]
  command = [
    "--redis.addr=redis://redis:6379",
    "--redis.user=monitoring",
    "--redis.password-file=${local.redis_passwords}",
    # Airflow's default queue.
    "--check-single-keys=default",
    # What its account may not do.
    "--set-client-name=false",
    "--config-command=-",
    # It tries twice within the time of a scrape.
    "--connection-timeout=2s",
  ]
  environment = {
    # Otherwise whoever finds its port has it ask servers elsewhere.
    REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT = "true"
    # Its account may not ask for them; versions differ in whether there is an option for it.
    REDIS_EXPORTER_EXCLUDE_LATENCY_HISTOGRAM_METRICS = "true"
  }
  memory_mib = var.exporter_memory_mib
  networks   = concat(module.network[*].name, [var.redis.network])
  files      = { (local.redis_passwords) = "${var.config_folder}/prometheus/redis-passwords.json" }

  # Without Valkey it is well, and says that Valkey is not.
  health = {
    test     = ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9121/health"]
    interval = 2
    timeout  = 5
  }
}
