resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

resource "docker_volume" "data" {
  name = "provehouse-${var.platform}-redis-data"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "redis" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["redis"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "redis"
  image_id   = docker_image.this[0].image_id
  user       = "999:999"
  command    = ["valkey-server", "/etc/valkey/valkey.conf"]
  memory_mib = var.memory_mib
  networks   = [module.network[0].name]
  ports      = { 6379 = var.port }
  volumes    = { "/data" = docker_volume.data.name }

  files = {
    "/etc/valkey/valkey.conf"        = "${var.config_folder}/redis/valkey.conf"
    "/run/provehouse/redis.password" = "${var.config_folder}/redis/password"
  }

  # A broker that cannot write any more, for instance because its disk is full, still answers a ping.
  health = {
    test = ["CMD-SHELL", join("", [
      "answer=\"$(REDISCLI_AUTH=\"$(cat /run/provehouse/redis.password)\" ",
      "valkey-cli SET provehouse:health 1 EX 60)\"; echo \"$answer\"; test \"$answer\" = OK",
    ])]
    interval = 2
    timeout  = 5
  }
}
