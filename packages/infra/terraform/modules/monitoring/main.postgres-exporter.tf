locals {
  asks_postgres     = var.running && var.postgres != null
  postgres_account  = "/run/provehouse/postgres-account.sql"
  postgres_password = "/etc/provehouse/postgres.password"
}

resource "docker_image" "postgres" {
  count        = local.asks_postgres ? 1 : 0
  name         = var.postgres.image
  keep_locally = true
}

resource "docker_image" "postgres_exporter" {
  count        = local.asks_postgres ? 1 : 0
  name         = var.postgres_exporter_image
  keep_locally = true
}

# Gives the exporter its account, which may read columns of tables that Airflow's migration makes.
module "postgres_account" {
  source   = "../container"
  for_each = toset(local.asks_postgres ? ["monitoring-account"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.postgres[0].image_id
  user       = "999:999"
  entrypoint = ["psql"]
  # An error that repeated its line could repeat the password.
  command = [
    "--quiet", "--no-psqlrc", "--username=postgres", "--dbname=airflow", "--set=ON_ERROR_STOP=1",
    "--set=VERBOSITY=terse", "--file=${local.postgres_account}",
  ]
  memory_mib = var.exporter_memory_mib
  networks   = module.network[*].name

  # Refers to the job that migrated, so that it comes after it and runs again when that did.
  environment = { MIGRATE_JOB = coalesce(var.postgres.migrate_job, "none") }
  # Over the socket the superuser is trusted, whatever its password is.
  volumes = { "/var/run/postgresql" = var.postgres.socket }
  unkept  = ["/var/lib/postgresql"]
  files   = { (local.postgres_account) = "${var.config_folder}/prometheus/postgres-account.sql" }
}

module "postgres_exporter" {
  source     = "../container"
  for_each   = toset(local.asks_postgres ? ["postgres-exporter"] : [])
  depends_on = [module.postgres_account]

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.postgres_exporter[0].image_id
  user       = "65534:65534"
  entrypoint = ["/bin/postgres_exporter"]
  command = [
    # Hundreds that never change.
    "--no-collector.settings",
    "--extend.query-path=/etc/provehouse/airflow-queries.yml",
  ]
  environment = {
    DATA_SOURCE_URI       = "postgres:5432/airflow?sslmode=disable"
    DATA_SOURCE_USER      = "monitoring"
    DATA_SOURCE_PASS_FILE = local.postgres_password
  }
  memory_mib = var.exporter_memory_mib
  networks   = concat(module.network[*].name, [var.postgres.network])

  files = {
    "/etc/provehouse/airflow-queries.yml" = "${var.config_folder}/prometheus/airflow-queries.yml"
    (local.postgres_password)             = "${var.config_folder}/prometheus/postgres.password"
  }

  # Without PostgreSQL it is well, and says that PostgreSQL is not.
  health = {
    test     = ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9187/"]
    interval = 2
    timeout  = 5
  }
}
