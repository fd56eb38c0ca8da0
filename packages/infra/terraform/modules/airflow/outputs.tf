output "network" {
  description = "Name of the network; null when nothing runs."
  value       = one(docker_network.this[*].name)
}

output "containers" {
  description = "Names of the containers by component."
  value       = { for component, container in module.component : component => container.name }
}
