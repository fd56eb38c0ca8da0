locals {
  nodes = { for node in var.nodes : node.name => node }
}

resource "docker_image" "clickhouse" {
  count        = var.running ? 1 : 0
  name         = var.images.clickhouse
  keep_locally = true
}

resource "docker_volume" "node" {
  for_each = local.nodes
  name     = "provehouse-${var.platform}-${each.key}-data"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = each.key })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "node" {
  source   = "../container"
  for_each = var.running ? local.nodes : {}

  platform    = var.platform
  component   = each.key
  kind        = "clickhouse"
  image_id    = docker_image.clickhouse[0].image_id
  user        = "101:101"
  environment = { CLICKHOUSE_SKIP_USER_SETUP = "1" }
  memory_mib  = var.memory_mib.clickhouse
  # A node with many parts opens a file for each column of each.
  open_files = var.open_files
  networks   = concat([module.network[0].name], var.extra_networks)
  volumes    = { "/var/lib/clickhouse" = docker_volume.node[each.key].name }
  ports      = { 8123 = each.value.http_port, 9000 = each.value.native_port }

  files = {
    "/etc/clickhouse-server/config.d/provehouse.xml" = "${var.config_folder}/clickhouse/${each.key}/config.xml"
    "/etc/clickhouse-server/users.d/provehouse.xml"  = "${var.config_folder}/clickhouse/${each.key}/users.xml"
    "/etc/clickhouse-server/health.headers"          = "${var.config_folder}/clickhouse/${each.key}/health.headers"
  }

  # Logged in as the reader, whose password is in a file: the node must know the account and its own name.
  # Bash asks by itself, because the -alpine image has another wget.
  health = {
    test = ["CMD", "bash", "-c", join("", [
      "exec 3<>/dev/tcp/127.0.0.1/8123 && { ",
      "printf 'GET /?query=SELECT%%20displayName() HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n' && ",
      "cat /etc/clickhouse-server/health.headers && printf '\\r\\n'; } >&3 && ",
      "answer=\"$(cat <&3)\" && answer=\"$${answer##*$'\\n'}\" && echo \"$answer\" && test \"$answer\" = '${each.key}'",
    ])]
    interval = 2
    timeout  = 5
  }
}
