output "network" {
  description = "Name of the network, by which others join it; null when nothing runs."
  value       = one(docker_network.this[*].name)
}

output "containers" {
  description = "Containers by component."
  value       = { for component, made in module.server : component => made.container }
}

output "volumes" {
  description = "Names of the volumes, which are kept when nothing runs."
  value       = [docker_volume.data.name]
}
