output "network" {
  description = "Name of the network; null when nothing runs."
  value       = one(docker_network.this[*].name)
}

output "containers" {
  description = "Containers by component."
  value       = { for component, made in module.component : component => made.container }
}

output "volumes" {
  description = "Names of the volumes, which are kept when nothing runs."
  value       = [docker_volume.logs.name]
}
