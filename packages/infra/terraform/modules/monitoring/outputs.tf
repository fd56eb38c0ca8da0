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
  value = {
    for component, made in merge(
      module.server, module.alertmanager, module.grafana, module.postgres_exporter, module.redis_exporter,
      module.statsd_exporter, module.verdict_exporter,
    ) : component => made.container
  }
}

output "statsd_exporter" {
  description = "Id of the container that takes Airflow's metrics; what sends them refers to it. Null without."
  value       = one([for made in module.statsd_exporter : made.id])
}

output "volumes" {
  description = "Names of the volumes, which are kept when nothing runs."
  value       = [docker_volume.data.name, docker_volume.alertmanager.name, docker_volume.grafana.name]
}
