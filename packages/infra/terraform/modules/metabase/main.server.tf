resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["metabase"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "metabase"
  image_id   = docker_image.this[0].image_id
  user       = "2000:2000"
  entrypoint = ["sh", "/usr/local/bin/provehouse-metabase"]
  memory_mib = var.memory_mib
  networks   = concat(module.network[*].name, var.networks)
  ports      = { 3000 = var.port }

  # https://www.metabase.com/docs/latest/configuring-metabase/environment-variables
  environment = {
    MB_DB_TYPE   = "postgres"
    MB_DB_HOST   = "postgres"
    MB_DB_PORT   = "5432"
    MB_DB_DBNAME = "metabase"
    MB_DB_USER   = "metabase"
    MB_SITE_URL  = "http://127.0.0.1:${var.port}"
    JAVA_OPTS    = "-XX:MaxRAMPercentage=60"
    # It asks nobody but its databases, and shows nothing without a login.
    MB_ANON_TRACKING_ENABLED = "false"
    MB_CHECK_FOR_UPDATES     = "false"
    MB_ENABLE_PUBLIC_SHARING = "false"
    MB_LOAD_SAMPLE_CONTENT   = "false"
    # Refers to the job that made the database, so that it comes after it.
    ACCOUNTS_JOB = coalesce(var.accounts_job, "none")
  }

  files = {
    for file in ["database.password", "encryption.key"] :
    "/run/provehouse/${file}" => "${var.config_folder}/metabase/${file}"
  }
  scripts = { "/usr/local/bin/provehouse-metabase" = file("${path.module}/metabase.sh") }

  # It asks its database. At the first start it makes some hundred tables before.
  health = {
    test = [
      "CMD", "curl", "--fail", "--silent", "--show-error", "--output", "/dev/null",
      "http://127.0.0.1:3000/api/health",
    ]
    interval = 5
    timeout  = 5
    start    = 240
  }
}
