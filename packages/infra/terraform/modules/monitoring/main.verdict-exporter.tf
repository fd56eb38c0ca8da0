resource "docker_image" "verdict_exporter" {
  count        = var.running ? 1 : 0
  name         = var.verdict_exporter_image
  keep_locally = true
}

# Serves the verdicts that are left in a folder: the node exporter, with its collector of text files alone.
module "verdict_exporter" {
  source   = "../container"
  for_each = toset(var.running ? ["verdict-exporter"] : [])

  platform   = var.platform
  component  = each.key
  kind       = "monitoring"
  image_id   = docker_image.verdict_exporter[0].image_id
  user       = "65534:65534"
  entrypoint = ["/bin/node_exporter"]
  command = [
    "--collector.disable-defaults",
    "--collector.textfile",
    "--collector.textfile.directory=/verdicts",
    "--web.listen-address=:9100",
  ]
  memory_mib = var.exporter_memory_mib
  networks   = module.network[*].name
  folders    = { "/verdicts" = var.verdicts_folder }

  # What the verdicts are, and whether a file cannot be read, its metrics say.
  health = {
    test     = ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9100/metrics"]
    interval = 2
    timeout  = 5
  }
}
