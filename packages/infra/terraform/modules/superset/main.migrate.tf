locals {
  administrator_file = "/run/provehouse/administrator.json"
}

# Tables, roles and the administrator, and what was encrypted with the secret key before.
module "migrate" {
  source   = "../container"
  for_each = toset(var.running ? ["superset-migrate"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "superset"
  image_id   = docker_image.this[0].image_id
  user       = local.user
  entrypoint = local.with_environment
  command    = ["python3", "/opt/provehouse/prepare_database.py", local.administrator_file]
  memory_mib = var.memory_mib
  networks   = local.networks
  volumes    = local.volumes

  # Refers to the job that made the database, so that it comes after it and runs again when that did.
  environment = { ACCOUNTS_JOB = coalesce(var.accounts_job, "none") }

  files = merge(
    local.files,
    { (local.administrator_file) = "${var.config_folder}/superset/administrator.json" },
    {
      for script in ["prepare_database.py", "migrate.py", "encrypt_again.py"] :
      "/opt/provehouse/${script}" => "${var.config_folder}/superset/${script}"
    },
  )
}
