output "network" {
  description = "Name of the network; null when nothing runs."
  value       = one(module.network[*].name)
}

output "network_id" {
  description = "Id of the network; null when nothing runs."
  value       = one(module.network[*].id)
}

output "containers" {
  description = "Containers by component."
  value       = { for component, made in module.component : component => made.container }
}

output "migrate_job" {
  description = "Id of the job that has migrated the database; what reads its tables refers to it."
  value       = one([for job in module.migrate : job.id])
}

output "volumes" {
  description = "Names of the volumes, which are kept when nothing runs."
  value       = [docker_volume.logs.name]
}
