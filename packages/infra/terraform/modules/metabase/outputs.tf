output "network" {
  description = "Name of the network, by which others join it; null when nothing runs."
  value       = one(module.network[*].name)
}

output "network_id" {
  description = "Id of the network; null when nothing runs."
  value       = one(module.network[*].id)
}

output "containers" {
  description = "Containers by component."
  value       = { for component, made in module.server : component => made.container }
}
