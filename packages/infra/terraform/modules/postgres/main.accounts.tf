# Runs again whenever a consumer is added or a password changes, while the server goes on.
module "accounts" {
  source     = "../container"
  for_each   = toset(var.running ? ["postgres-accounts"] : [])
  depends_on = [module.server]

  platform    = var.platform
  component   = each.key
  kind        = "postgres"
  image_id    = docker_image.this[0].image_id
  user        = "999:999"
  environment = { CONSUMERS = join(" ", sort(var.consumers)) }
  entrypoint  = ["sh", "/opt/provehouse/accounts.sh"]
  memory_mib  = var.memory_mib
  networks    = [module.network[0].name]

  # Over the socket the superuser is trusted, whatever its password was until now.
  volumes = { "/var/run/postgresql" = docker_volume.this["socket"].name }
  unkept  = ["/var/lib/postgresql"]

  files = merge(
    { (local.password) = "${var.config_folder}/postgres/superuser.password" },
    {
      for consumer in var.consumers :
      "/run/provehouse/${consumer}.password" => "${var.config_folder}/postgres/${consumer}.password"
    },
  )

  scripts = {
    "/opt/provehouse/accounts.sh"   = file("${path.module}/accounts.sh")
    "/opt/provehouse/superuser.sql" = file("${path.module}/superuser.sql")
    "/opt/provehouse/consumer.sql"  = file("${path.module}/consumer.sql")
  }
}
