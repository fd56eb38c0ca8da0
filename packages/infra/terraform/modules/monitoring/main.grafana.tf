locals {
  grafana_runs = var.running && var.grafana
  grafana_url  = "http://127.0.0.1:${var.grafana_port}"
}

resource "docker_image" "grafana" {
  count        = local.grafana_runs ? 1 : 0
  name         = var.grafana_image
  keep_locally = true
}

# What people make in it: dashboards, users, preferences.
resource "docker_volume" "grafana" {
  name = "provehouse-${var.platform}-grafana-data"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "grafana" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "grafana" {
  source   = "../container"
  for_each = toset(local.grafana_runs ? ["grafana"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.grafana[0].image_id
  user       = "472:0"
  entrypoint = ["sh", "/usr/local/bin/provehouse-grafana"]
  memory_mib = var.grafana_memory_mib
  networks   = module.network[*].name
  ports      = { 3000 = var.grafana_port }
  volumes    = { "/var/lib/grafana" = docker_volume.grafana.name }

  environment = merge(
    {
      for setting, file in { USER = "user", PASSWORD = "password", EMAIL = "email" } :
      # Grafana reads the file by itself. Of a value, such as the image's own GF_…__FILE makes, it would expand "${…}".
      "GF_SECURITY_ADMIN_${setting}" => "$__file{/etc/provehouse/admin.${file}}"
    },
    {
      GF_SERVER_ROOT_URL                        = "${local.grafana_url}/"
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH = "/etc/provehouse/dashboards/provehouse-clickhouse.json"
      # Nobody comes in but by an account that the administrator has made.
      GF_AUTH_ANONYMOUS_ENABLED = "false"
      GF_USERS_ALLOW_SIGN_UP    = "false"
      GF_SNAPSHOTS_ENABLED      = "false"
      # It asks nobody but Prometheus: no figures of its use, news, pictures of people, newer versions and plugins.
      GF_ANALYTICS_REPORTING_ENABLED           = "false"
      GF_ANALYTICS_CHECK_FOR_UPDATES           = "false"
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES    = "false"
      GF_ANALYTICS_FEEDBACK_LINKS_ENABLED      = "false"
      GF_NEWS_NEWS_FEED_ENABLED                = "false"
      GF_SECURITY_DISABLE_GRAVATAR             = "true"
      GF_PLUGINS_PLUGIN_ADMIN_ENABLED          = "false"
      GF_PLUGINS_PREINSTALL_DISABLED           = "true"
      GF_PLUGINS_PREINSTALL_AUTO_UPDATE        = "false"
      GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED = "true"
    },
  )

  files = merge(
    {
      for file in ["admin.user", "admin.password", "admin.email"] :
      "/etc/provehouse/${file}" => "${var.config_folder}/grafana/${file}"
    },
    {
      for kind in ["datasources", "dashboards"] :
      "/etc/grafana/provisioning/${kind}/provehouse.yml" => "${var.config_folder}/grafana/${kind}.yml"
    },
    {
      for file in fileset("${var.config_folder}/grafana/dashboards", "*.json") :
      "/etc/provehouse/dashboards/${file}" => "${var.config_folder}/grafana/dashboards/${file}"
    },
  )
  scripts = { "/usr/local/bin/provehouse-grafana" = file("${path.module}/grafana.sh") }

  # It asks its database.
  health = {
    test = [
      "CMD", "curl", "--fail", "--silent", "--show-error", "--output", "/dev/null",
      "http://127.0.0.1:3000/api/health",
    ]
    interval = 2
    timeout  = 5
  }
}
