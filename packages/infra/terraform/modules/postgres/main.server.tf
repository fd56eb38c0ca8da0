locals {
  password = "/run/provehouse/superuser.password"
}

resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

resource "docker_volume" "this" {
  for_each = toset(["data", "socket"])
  name     = "provehouse-${var.platform}-postgres-${each.key}"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "postgres" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["postgres"] : [])

  platform    = var.platform
  component   = each.key
  kind        = "postgres"
  image_id    = docker_image.this[0].image_id
  user        = "999:999"
  environment = { POSTGRES_PASSWORD_FILE = local.password }
  # An error that repeated its statement could repeat a password.
  command    = ["postgres", "-c", "log_min_error_statement=panic"]
  memory_mib = var.memory_mib
  networks   = [module.network[0].name]
  ports      = { 5432 = var.port }
  files      = { (local.password) = "${var.config_folder}/postgres/superuser.password" }

  volumes = {
    "/var/lib/postgresql" = docker_volume.this["data"].name
    "/var/run/postgresql" = docker_volume.this["socket"].name
  }

  # A server that still replays its log answers as well, but takes no writes. While a new data folder is
  # made, a server without network runs for a moment: the network's port is asked for, too.
  health = {
    test = ["CMD-SHELL", join("", [
      "test \"$(psql -U postgres -d postgres -tAc 'SELECT NOT pg_is_in_recovery()')\" = t ",
      "&& pg_isready -q -h \"$(hostname -i | cut -d' ' -f1)\"",
    ])]
    interval = 2
    timeout  = 5
  }

  # SIGTERM would wait until every client has gone.
  stop = { signal = "SIGINT", seconds = 30 }
}
