locals {
  containers = merge(
    module.clickhouse.containers,
    module.postgres.containers,
    module.redis.containers,
    module.airflow.containers,
    module.minio.containers,
    module.kafka.containers,
    module.api.containers,
    module.monitoring.containers,
    module.superset.containers,
    module.metabase.containers,
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

output "urls" {
  description = "Where people and programs find what runs, by what it is."
  value = merge(
    {
      for node in var.clickhouse_nodes :
      node.name => "http://127.0.0.1:${node.http_port}" if var.running
    },
    local.airflow_runs ? {
      airflow = "http://127.0.0.1:${var.ports.airflow}"
      flower  = "http://127.0.0.1:${var.ports.flower}"
    } : {},
    length(module.minio.containers) > 0 ? {
      minio         = "http://127.0.0.1:${var.ports.storage}"
      minio_console = "http://127.0.0.1:${var.ports.storage_console}"
    } : {},
    length(module.api.containers) > 0 ? { api = "http://127.0.0.1:${var.ports.api}" } : {},
    length(module.superset.containers) > 0 ? { superset = "http://127.0.0.1:${var.ports.superset}" } : {},
    length(module.metabase.containers) > 0 ? { metabase = "http://127.0.0.1:${var.ports.metabase}" } : {},
    length(module.monitoring.containers) > 0 ? {
      prometheus   = "http://127.0.0.1:${var.ports.prometheus}"
      alertmanager = "http://127.0.0.1:${var.ports.alertmanager}"
    } : {},
    contains(keys(module.monitoring.containers), "grafana") ? { grafana = "http://127.0.0.1:${var.ports.grafana}" } : {},
  )
}

output "networks" {
  description = "Names of the networks."
  value = compact([
    module.clickhouse.network,
    module.postgres.network,
    module.redis.network,
    module.airflow.network,
    module.minio.network,
    module.kafka.network,
    module.api.network,
    module.monitoring.network,
    module.superset.network,
    module.metabase.network,
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
    module.kafka.volumes,
    module.monitoring.volumes,
    module.superset.volumes,
  )
}
