locals {
  environment_file = "/run/provehouse/environment.json"
  with_environment = ["python3", "/opt/provehouse/with_environment.py", local.environment_file]
  user             = "1000:1000"
  networks         = concat(module.network[*].name, var.networks)
  # It has the secret key that the database's content is encrypted with, so that a new one can replace it.
  volumes = { "/app/superset_home" = docker_volume.home.name }

  files = merge(
    { (local.environment_file) = "${var.config_folder}/superset/environment.json" },
    {
      for script in ["with_environment.py", "superset_config.py"] :
      "/opt/provehouse/${script}" => "${var.config_folder}/superset/${script}"
    },
  )
}

resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

resource "docker_volume" "home" {
  name = "provehouse-${var.platform}-superset-home"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "superset" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "server" {
  source     = "../container"
  for_each   = toset(var.running ? ["superset"] : [])
  depends_on = [module.migrate]

  platform   = var.platform
  component  = each.key
  kind       = "superset"
  image_id   = docker_image.this[0].image_id
  user       = local.user
  entrypoint = local.with_environment
  command = [
    "python3", "-m", "gunicorn", "--config", "/opt/provehouse/gunicorn.conf.py", "--bind", "0.0.0.0:8088",
    "superset.app:create_app()",
  ]
  memory_mib = var.memory_mib
  networks   = local.networks
  ports      = { 8088 = var.port }
  volumes    = local.volumes

  files = merge(local.files, {
    "/opt/provehouse/gunicorn.conf.py" = "${var.config_folder}/superset/gunicorn.conf.py"
  })
  scripts = { "/opt/provehouse/health.py" = file("${path.module}/health.py") }

  health = {
    test     = ["CMD", "python3", "/opt/provehouse/health.py"]
    interval = 5
    timeout  = 5
  }

  # SIGTERM would wait until every browser has closed its connection.
  stop = { signal = "SIGINT" }
}
