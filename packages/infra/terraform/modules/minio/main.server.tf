resource "docker_image" "this" {
  count        = var.running ? 1 : 0
  name         = var.image
  keep_locally = true
}

resource "docker_volume" "data" {
  name = "provehouse-${var.platform}-minio-data"

  dynamic "labels" {
    for_each = merge(local.labels, { "org.provehouse.component" = "minio" })
    content {
      label = labels.key
      value = labels.value
    }
  }
}

module "server" {
  source   = "../container"
  for_each = toset(var.running ? ["minio"] : [])

  platform  = var.platform
  component = each.key
  kind      = "storage"
  image_id  = docker_image.this[0].image_id
  # The image's data folder belongs to root, and MinIO's image has no other user.
  user        = "0:0"
  environment = { MINIO_CONFIG_ENV_FILE = "/etc/minio/config.env", MINIO_BROWSER_REDIRECT = "false" }
  memory_mib  = var.memory_mib
  networks    = [module.network[0].name]
  ports       = { 9000 = var.ports.minio, 9001 = var.ports.minio_console }
  volumes     = { "/data" = docker_volume.data.name }
  files       = { "/etc/minio/config.env" = "${var.config_folder}/minio/config.env" }

  # MinIO takes the folders of its drive for buckets, so nobody needs to log in to make them. Its maintained
  # fork calls the program silo.
  entrypoint = ["sh", "-c", join("", [
    "cd /data && mkdir -p \"$@\" && ",
    "exec \"$(command -v minio || command -v silo)\" server /data --console-address :9001",
  ]), "minio"]
  command = sort(var.buckets)

  # Ready means that it can read and write its drive. Bash asks without any program, because the official
  # image has few.
  health = {
    test = ["CMD", "bash", "-c", join("", [
      "exec 3<>/dev/tcp/127.0.0.1/9000 && ",
      "printf 'GET /minio/health/cluster HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3 && ",
      "read -r _ status _ <&3 && echo \"status $status\" && test \"$status\" = 200",
      join("", [for bucket in sort(var.buckets) : " && test -d /data/${bucket}"]),
    ])]
    interval = 2
    timeout  = 5
  }
}
