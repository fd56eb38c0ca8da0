# What the containers are given, which is rendered before Terraform runs: it holds the passwords, and
# Terraform's state must not.
locals {
  config_folder = abspath(var.config_folder)
  dags_folder   = abspath(var.dags_folder)
  data_folder   = abspath(var.data_folder)
  # Where Prometheus finds the verdicts of what verifies on a schedule.
  verdicts_folder = "${local.data_folder}/verdicts"
  render_hint     = "Render them with: npx nx run infra:render --runtime docker --storage ${var.storage_type}${length(var.modules) == 0 ? "" : " --with ${join(",", sort(var.modules))}"} --output <where Terraform runs>"

  consumers = setunion(
    var.postgres_consumers,
    var.enable_airflow ? ["airflow"] : [],
    contains(var.modules, "superset") ? ["superset"] : [],
    local.metabase_wanted ? ["metabase"] : [],
  )
  metabase_wanted = contains(var.modules, "metabase") && var.enable_metabase
  takes_metrics   = contains(var.modules, "monitoring") && var.enable_airflow && var.enable_statsd_exporter
  # Nodes whose tables or backups are in a bucket need it.
  storage_wanted = var.storage_type != "local_ssd" || contains(var.modules, "storage")

  expected_files = concat(
    flatten([
      for node in var.clickhouse_nodes : [
        for file in ["config.xml", "users.xml", "health.headers"] : "clickhouse/${node.name}/${file}"
      ]
    ]),
    [for keeper in var.keepers : "keeper/${keeper.name}/keeper_config.xml"],
    [for consumer in local.consumers : "postgres/${consumer}.password"],
    length(local.consumers) > 0 ? ["postgres/superuser.password"] : [],
    var.enable_airflow ? [
      "redis/password", "redis/valkey.conf", "airflow/environment.json", "airflow/administrator.json",
      "airflow/migrate.py", "airflow/with_environment.py", "airflow/idle_scheduler.py",
    ] : [],
    var.enable_airflow && var.node_folder != null ? ["airflow/provehouse.mjs"] : [],
    local.storage_wanted ? ["minio/config.env"] : [],
    contains(var.modules, "kafka") ? [
      "kafka/server.properties", "kafka/java.options", "kafka/log4j2.properties", "kafka/health.request",
    ] : [],
    length(setsubtract(["kafka", "monitoring"], var.modules)) == 0 ? ["kafka/jmx-agent.jar", "kafka/metrics.yml"] : [],
    contains(var.modules, "api") ? ["api/server.json", "api/origin.json"] : [],
    contains(var.modules, "superset") ? [
      for file in [
        "environment.json", "administrator.json", "with_environment.py", "superset_config.py", "gunicorn.conf.py",
        "prepare_database.py", "migrate.py", "encrypt_again.py",
      ] : "superset/${file}"
    ] : [],
    local.metabase_wanted ? ["metabase/database.password", "metabase/encryption.key"] : [],
    contains(var.modules, "monitoring") ? [
      "prometheus/prometheus.yml", "prometheus/alerts.yml", "prometheus/clickhouse.password",
      "prometheus/alertmanager.yml", "prometheus/alertmanager-web.yml", "prometheus/alertmanager.password",
      "prometheus/amtool.json",
    ] : [],
    contains(var.modules, "monitoring") && var.enable_airflow ? [
      "prometheus/flower.password", "prometheus/airflow-queries.yml", "prometheus/postgres.password",
      "prometheus/postgres-account.sql", "prometheus/redis-passwords.json",
    ] : [],
    local.takes_metrics ? ["prometheus/statsd-mapping.yml"] : [],
    contains(var.modules, "monitoring") && var.enable_grafana ? [
      "grafana/admin.user", "grafana/admin.password", "grafana/admin.email", "grafana/datasources.yml",
      "grafana/dashboards.yml", "grafana/dashboards/provehouse-clickhouse.json",
    ] : [],
  )
}
