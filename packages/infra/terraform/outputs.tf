locals {
  containers = merge(
    module.clickhouse.containers,
    module.postgres.containers,
    module.redis.containers,
    module.airflow.containers,
    module.minio.containers,
  )
}

output "containers" {
  description = "Names of the containers by component."
  value       = { for component, container in local.containers : component => container.name }
}

output "addresses" {
  description = "Where this machine reaches a component, by component and by the port in its container."
  value = {
    for component, container in local.containers : component => {
      for port in container.ports : port.internal => "${port.ip}:${port.external}"
    } if length(container.ports) > 0
  }
}

output "networks" {
  description = "Names of the networks."
  value = compact([
    module.clickhouse.network,
    module.postgres.network,
    module.redis.network,
    module.airflow.network,
    module.minio.network,
  ])
}

output "volumes" {
  description = "Names of the volumes, which are kept when nothing runs."
  value = concat(
    module.clickhouse.volumes,
    module.postgres.volumes,
    module.redis.volumes,
    module.airflow.volumes,
    module.minio.volumes,
  )
}
