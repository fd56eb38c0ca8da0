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
  value = merge(
    { for component, node in module.node : component => node.container },
    { for component, keeper in module.keeper : component => keeper.container },
  )
}

output "volumes" {
  description = "Names of the volumes, which are kept when nothing runs."
  value       = [for volume in merge(docker_volume.node, docker_volume.keeper) : volume.name]
}
