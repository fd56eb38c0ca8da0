resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["api"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "api"
  image_id   = docker_image.this[0].image_id
  user       = "50000:0"
  entrypoint = ["python3", "-m", "etl_dags.products_api", "/etc/provehouse/server.json"]
  memory_mib = var.memory_mib
  networks   = [module.network[0].name]
  ports      = { 8090 = var.port }

  files = {
    "/etc/provehouse/server.json" = "${var.config_folder}/api/server.json"
    "/etc/provehouse/origin.json" = "${var.config_folder}/api/origin.json"
  }
  scripts = { "/opt/provehouse/health.py" = file("${path.module}/health.py") }

  # Asked with its token for what it has published.
  health = {
    test     = ["CMD", "python3", "/opt/provehouse/health.py", "/etc/provehouse/server.json"]
    interval = 5
    timeout  = 5
  }
}
