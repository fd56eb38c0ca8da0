locals {
  keepers = { for keeper in var.keepers : keeper.name => keeper }
}

resource "docker_image" "keeper" {
  count        = var.running && length(var.keepers) > 0 ? 1 : 0
  name         = var.images.keeper
  keep_locally = true
}

resource "docker_volume" "keeper" {
  for_each = local.keepers
  name     = "provehouse-${var.platform}-${each.key}-data"

  dynamic "labels" {
    for_each = merge(local.labels, {
      "org.provehouse.component" = each.key
      "org.provehouse.kind"      = "coordination"
    })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "keeper" {
  source   = "../container"
  for_each = var.running ? local.keepers : {}

  platform   = var.platform
  component  = each.key
  kind       = "coordination"
  image_id   = docker_image.keeper[0].image_id
  user       = "101:101"
  memory_mib = var.memory_mib.keeper
  networks   = [module.network[0].name]
  volumes    = { "/var/lib/clickhouse-keeper" = docker_volume.keeper[each.key].name }
  # Declared by the image for its default configuration, which is not used.
  unkept = ["/var/lib/clickhouse"]
  # Whoever verifies the ensemble asks each member from this machine.
  ports = { 9181 = each.value.client_port }

  files = {
    "/etc/clickhouse-keeper/keeper_config.xml" = "${var.config_folder}/keeper/${each.key}/keeper_config.xml"
  }

  # A Keeper that lost its ensemble answers, but is neither leader nor follower. The four-letter commands
  # are asked by bash, because the official image has no client for them.
  health = {
    test = ["CMD", "bash", "-c", join("", [
      "exec 3<>/dev/tcp/127.0.0.1/9181; echo mntr >&3; ",
      "grep -qE 'zk_server_state[[:space:]]+(leader|follower|standalone)' <&3",
    ])]
    interval = 2
    timeout  = 5
  }
}
