output "network" {
  description = "Name of the network, by which others join it; null when nothing runs."
  value       = one(docker_network.this[*].name)
}

output "containers" {
  description = "Names of the containers by component."
  value = merge(
    { for component, node in module.node : component => node.name },
    { for component, keeper in module.keeper : component => keeper.name },
  )
}
