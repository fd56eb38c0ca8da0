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

output "accounts_job" {
  description = "Id of the job that has made users and databases; what needs them refers to it."
  value       = one([for job in module.accounts : job.id])
}

output "socket" {
  description = "Name of the volume with the server's socket, over which its superuser needs no password."
  value       = docker_volume.this["socket"].name
}

output "volumes" {
  description = "Names of the volumes, which are kept when nothing runs."
  value       = [for volume in docker_volume.this : volume.name]
}

output "consumers" {
  description = "Who has a database and a user of the same name."
  value       = var.consumers
}
