locals {
  administrator_file = "/run/provehouse/administrator.json"
  migrate_script     = "/opt/provehouse/migrate.py"
}

module "migrate" {
  source   = "../container"
  for_each = toset(var.running ? ["airflow-migrate"] : [])
  # Its settings name the exporter, which would be looked for in vain.
  depends_on = [var.metrics_exporter]

  platform   = var.platform
  component  = each.key
  kind       = "airflow"
  image_id   = docker_image.this[0].image_id
  user       = "50000:0"
  entrypoint = local.with_environment
  command    = ["python3", local.migrate_script, local.administrator_file]
  memory_mib = var.memory_mib
  networks   = local.networks

  # Refers to the job that made the database, so that it comes after it and runs again when that did.
  environment = { ACCOUNTS_JOB = coalesce(var.accounts_job, "none") }

  files = merge(local.files, {
    (local.administrator_file) = "${var.config_folder}/airflow/administrator.json"
    (local.migrate_script)     = "${var.config_folder}/airflow/migrate.py"
  })
}
